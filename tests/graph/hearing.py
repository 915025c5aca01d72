"""Every statement on its way to the database: of the driver, and of everybody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from graph.world import World
from sekisho.graph.compiled.engine import CompiledEngine


@dataclass
class Heard:
    """What was said. `by_driver` counts also what a connection says that was opened meanwhile."""

    texts: list[str] = field(default_factory=list)
    values: list[tuple[Any, ...]] = field(default_factory=list)
    by_others: list[str] = field(default_factory=list)
    by_driver: int = 0

    @property
    def one_statement(self) -> bool:
        """One statement of the driver's, and none that records anything besides."""
        return self.by_driver == 1 and not [each for each in self.by_others if "INSERT INTO disclosure_log" in each]


@asynccontextmanager
async def heard(world: World, engine: CompiledEngine) -> AsyncIterator[Heard]:
    """What the gateway says to its database meanwhile."""
    said, before = Heard(), engine.driver.statements
    listened, connections = world.database.gateway.sync_engine, list(engine.driver._idle)

    def by_driver(record: Any) -> None:
        said.texts.append(record.query)
        said.values.append(tuple(record.args))

    def by_others(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.by_others.append(statement)

    event.listen(listened, "before_cursor_execute", by_others)
    for each in connections:
        each.add_query_logger(by_driver)
    try:
        yield said
        await asyncio.sleep(0)  # the driver tells its listeners in the loop's next turn
    finally:
        said.by_driver = engine.driver.statements - before
        event.remove(listened, "before_cursor_execute", by_others)
        for each in connections:
            each.remove_query_logger(by_driver)
