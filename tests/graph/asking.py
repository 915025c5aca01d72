"""Ways of asking the village that several tests share."""

import json
from collections.abc import Sequence
from typing import Any

from graph.world import World
from sekisho.graph.exchange import GraphAnswer
from sekisho.policy.lens import Lens

RESEARCH = Lens.parse("FIRST_PARTY|RESEARCH_ACADEMIC||")
SURVEY = Lens.parse("FIRST_PARTY|SURVEY_REQUEST||")

_PAGE = "edges { cursor node { id } } pageInfo { hasNextPage endCursor }"


async def found(
    world: World, arguments: str, lens: Lens = RESEARCH, client: str = "analytics", **asked: Any
) -> Sequence[str]:
    """Who a page of people finds, by name, in its order."""
    answer = await page(world, arguments, lens, client, **asked)
    assert answer.data is not None, answer.errors
    return names(world, answer, lens, client)


async def page(
    world: World, arguments: str, lens: Lens = RESEARCH, client: str = "analytics", **asked: Any
) -> GraphAnswer:
    """A page of people as such."""
    around = f"({arguments})" if arguments else ""
    return await world.ask(
        client,
        f"{{ subjects{around} {{ {_PAGE} }} }}",
        purpose=lens.purpose,
        disclosure=lens.disclosure,
        **asked,
    )


async def next_page(
    world: World, arguments: str, after: str | None, lens: Lens = RESEARCH, **asked: Any
) -> GraphAnswer:
    """The page of people behind a cursor: the same document for every page, so that it is planned once."""
    return await world.ask(
        "analytics",
        f"query Page($after: String) {{ subjects({arguments}, after: $after) {{ {_PAGE} }} }}",
        purpose=lens.purpose,
        variables={"after": after},
        **asked,
    )


def names(world: World, answer: GraphAnswer, lens: Lens, client: str) -> list[str]:
    """The people of a page by name."""
    assert answer.data is not None
    known = {world.pseudonym(name, client, lens): name for name in world.people}
    return [known[edge["node"]["id"]] for edge in answer.data["subjects"]["edges"]]


def refusal_of(answer: GraphAnswer) -> str | None:
    """The code of a refusal; a refusal without an answer, that is."""
    assert answer.refusal is None or answer.data is None
    return answer.refusal.value if answer.refusal else None


def wire(answer: GraphAnswer) -> bytes:
    """Everything a caller could see of an answer, as bytes."""
    whole = [answer.stage, answer.data, answer.errors, answer.extensions, answer.refusal]
    return json.dumps(whole, ensure_ascii=False, default=str).encode()
