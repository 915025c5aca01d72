"""Where data comes from. Each source is one bit of a mask: there are at most 63 of them, and none is ever removed."""

from dataclasses import dataclass

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.policy.document import Label
from sekisho.store.tables.registry import GREATEST_SOURCE_ID, data_source
from sekisho.vocabulary import SourceKind

_NAMED = (SourceKind.LINKED_APP, SourceKind.THIRD_PARTY)


class SourceRefused(Exception):  # noqa: N818 - a verdict, with what to do
    """This source cannot be registered; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source. `name` is the service's (LINKED_APP) or the provider's (THIRD_PARTY), empty for the others."""

    source_id: int
    kind: SourceKind
    name: str
    label: Label


async def all_sources(connection: AsyncConnection) -> tuple[Source, ...]:
    """Every source, by number: the number is its bit."""
    rows = await connection.execute(select(data_source).order_by(data_source.c.source_id))
    return tuple(
        Source(row.source_id, SourceKind(row.kind), row.name, Label(row.label_ja, row.label_en)) for row in rows
    )


async def ensure_source(connection: AsyncConnection, kind: SourceKind, name: str, label: Label | None = None) -> Source:
    """The source of this kind and name, registered under the next free number if it is new.

    Raises `SourceRefused` for a linked app or third party without a name, another kind with one, or the 64th source.
    A source that exists keeps its label.
    """
    if bool(name.strip()) is not (kind in _NAMED):
        raise SourceRefused(
            f"`{name}` is no name for a source of kind `{kind}`; name linked apps and third parties only"
        )
    await connection.execute(text("LOCK TABLE data_source IN SHARE ROW EXCLUSIVE MODE"))
    known = await all_sources(connection)
    for source in known:
        if (source.kind, source.name) == (kind, name):
            return source
    source = Source(max(found.source_id for found in known) + 1, kind, name, label or Label(name, name))
    if source.source_id > GREATEST_SOURCE_ID:
        raise SourceRefused(f"`{name}` would be source {source.source_id}; masks hold {GREATEST_SOURCE_ID + 1} sources")
    await connection.execute(
        insert(data_source).values(
            source_id=source.source_id, kind=kind, name=name, label_ja=source.label.ja, label_en=source.label.en
        )
    )
    return source
