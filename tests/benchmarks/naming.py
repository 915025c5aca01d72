"""What each server calls the people, in the order of their internal ids."""

from typing import Any

import httpx

from benchmarks.contestants import DIRECTIVE
from benchmarks.serving import Served
from benchmarks.workloads import Names
from benchmarks.workshop import fetch
from sekisho.store.embedded import Urls

_PAGE = 100
_SELECTION = "edges { cursor node { id } } pageInfo { hasNextPage endCursor }"
_OPERATION = (
    f"query Everybody($after: String) {DIRECTIVE}{{ subjects(first: {_PAGE}, after: $after) {{ {_SELECTION} }} }}"
)


class PeopleMissing(Exception):  # noqa: N818 - a verdict, with what to do
    """The gateway does not list everybody that is stored, so that places and people cannot be told apart."""


async def internal_names(urls: Urls) -> Names:
    """What peers call people: their internal ids, which are cursors too."""
    rows = await fetch(urls.admin, "SELECT subject_id::text AS id FROM subject ORDER BY subject_id")
    ids = [row["id"] for row in rows]
    return Names(ids, ids)


def gateway_names(gateway: Served, headers: dict[str, str], people: int) -> Names:
    """What the gateway calls them: pseudonyms and cursors, read by paging through everybody once."""
    ids: list[str] = []
    cursors: list[str] = []
    after: str | None = None
    with httpx.Client(headers=headers, timeout=120) as client:
        while True:
            page = _page(client, gateway.address, after)
            ids += [edge["node"]["id"] for edge in page["edges"]]
            cursors += [edge["cursor"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
    if len(ids) != people:
        raise PeopleMissing(
            f"the gateway lists {len(ids)} of {people} people; delete the workshop's folder to load them anew"
        )
    return Names(ids, cursors)


def _page(client: httpx.Client, address: str, after: str | None) -> dict[str, Any]:
    answer = client.post(address, json={"query": _OPERATION, "variables": {"after": after}})
    found: dict[str, Any] = answer.raise_for_status().json()["data"]["subjects"]
    return found
