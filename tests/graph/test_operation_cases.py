"""Each folder in cases/operations is one operation, the answer to it, and what it put on record.

`case.json` says what the case is about, who asks, and how:

    says         one sentence
    client       who asks; `as_person` for a token that speaks for somebody
    purpose, disclosure, recipient, reference     headers, a text or a list of texts (sent more than once)
    operation_name, report, variables             as in a request
    people       variable -> person: filled in with the person's pseudonym for `known_as` (client, lens key)

To write `answer.json` and `disclosures.json` anew: `CASES_WRITE=1 pytest tests/graph/test_operation_cases.py`. Then
read the difference line by line: what a file says is what everybody will hold this gateway to.
"""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from graph.village import NOW
from graph.world import World, parsed
from sekisho.disclosure.record import LogRow
from sekisho.graph.compiled.engine import CompiledEngine
from sekisho.graph.exchange import Caller, DeclaredHeaders, GraphAnswer, GraphRequest
from sekisho.policy.lens import Lens
from sekisho.vocabulary import ReportMode

CASES = sorted(path.parent for path in (Path(__file__).parent.parent / "cases" / "operations").glob("*/case.json"))
WRITES = os.environ.get("CASES_WRITE") == "1"
CURSOR_FIELDS = ("cursor", "startCursor", "endCursor")
MEMBERS = frozenset(
    {
        *("says", "client", "as_person", "purpose", "disclosure", "recipient", "reference", "operation_name"),
        *("report", "variables", "people", "known_as"),
    }
)


@pytest.mark.parametrize("mode", ["resolvers", "compiled"])
@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
async def test_an_operation_is_answered_and_recorded_as_its_files_say(
    folder: Path, mode: str, settled: World, one_statement: CompiledEngine
) -> None:
    world, case = settled, json.loads((folder / "case.json").read_text("utf-8"))
    request = request_of(folder, case, world, mode)
    answer = await (world.engine if mode == "resolvers" else one_statement).answer(request)
    rows = sorted(await world.log(request.request_id), key=lambda row: row.root)
    handles = await world.handles()
    for name, found in (
        ("answer.json", spelled(answer)),
        ("disclosures.json", [recorded(row, handles) for row in rows]),
    ):
        if WRITES and mode == "resolvers":
            text = json.dumps(found, ensure_ascii=False, indent=2)
            (folder / name).write_text(compact(text) + "\n", "utf-8")
        assert found == json.loads((folder / name).read_text("utf-8")), name
    for row in rows:
        assert row.operation_sha256 == hashlib.sha256(request.query.encode()).hexdigest()
        assert row.occurred_at == NOW


def test_every_case_says_what_it_is_about_and_nothing_unknown() -> None:
    cases = {folder.name: json.loads((folder / "case.json").read_text("utf-8")) for folder in CASES}
    assert len(cases) >= 40
    assert all(case["says"] and case.keys() <= MEMBERS for case in cases.values())
    assert len({case["says"] for case in cases.values()}) == len(cases)


def request_of(folder: Path, case: dict[str, Any], world: World, mode: str = "") -> GraphRequest:
    variables = dict(case.get("variables", {}))
    if "people" in case:
        known_as = case["known_as"]
        lens = Lens.parse(known_as["lens"])
        variables |= {
            name: world.pseudonym(person, known_as["client"], lens) for name, person in case["people"].items()
        }
    person = case.get("as_person")
    return GraphRequest(
        (folder / "operation.graphql").read_text("utf-8"),
        Caller(case["client"], world.people[person] if person else None, "token-1"),
        case.get("operation_name"),
        variables or None,
        DeclaredHeaders(
            **{name: said(case, name) for name in ("purpose", "disclosure", "recipient", "reference")},
        ),
        ReportMode(case.get("report", "extensions")),
        f"{folder.name} {mode}",
    )


def said(case: dict[str, Any], name: str) -> tuple[str, ...]:
    value = case.get(name, [])
    return (value,) if isinstance(value, str) else tuple(value)


def spelled(answer: GraphAnswer) -> dict[str, Any]:
    """The answer as JSON, what is empty left out. `data` stays: absent and null are not the same."""
    told: dict[str, Any] = {"stage": answer.stage.value}
    if answer.refusal is not None:
        told["refusal"] = answer.refusal.value
    if answer.data is not None:
        told["data"] = without_cursors(json.loads(json.dumps(parsed(answer.data))))
    if answer.errors:
        told["errors"] = list(answer.errors)
    if answer.extensions:
        told["extensions"] = parsed(answer.extensions)
    return json.loads(json.dumps(told))


def without_cursors(data: Any) -> Any:
    """Cursors hold sealed ids, so that only their being there is compared."""
    if isinstance(data, list):
        return [without_cursors(each) for each in data]
    if isinstance(data, dict):
        return {
            name: "{cursor}" if name in CURSOR_FIELDS and isinstance(value, str) else without_cursors(value)
            for name, value in data.items()
        }
    return data


def recorded(row: LogRow, handles: dict[Any, str]) -> dict[str, Any]:
    """A log row with people by name and each use with its letter; what is random or always the same left out."""
    plain = ("refusal", "client_id", "recipient_type", "purpose", "disclosure", "serves", "study", "reference")
    more = ("ignored_purpose", "policy_version", "lens_key", "operation_name", "report_mode", "root", "legal_basis")
    told: dict[str, Any] = {"outcome": row.outcome.value}
    told |= {name: getattr(row, name) for name in (*plain, *more) if getattr(row, name)}
    people = {handles[handle]: recorded_of(row, place) for place, handle in enumerate(row.subjects)}
    if people:
        told["people"] = dict(sorted(people.items()))
    return told


def recorded_of(row: LogRow, place: int) -> dict[str, Any]:
    """What a log row says of the person at `place`; what was not reached, and lists not shown, left out."""
    about: dict[str, Any] = {}
    uses = zip(row.coordinates, row.items, row.uses, row.transforms, row.outcomes[place], strict=True)
    for coordinate, item, use, transform, letter in uses:
        if letter != "-":
            shown = transform if letter in "ve" else ""
            about[" ".join(filter(None, (coordinate, f"({item})", use, shown)))] = letter
    about["evidence"] = row.evidence[place]
    width = len(row.lists)
    counts = zip(row.lists, row.row_counts[place * width : (place + 1) * width], strict=True)
    released = {
        coordinate for coordinate, letter in zip(row.coordinates, row.outcomes[place], strict=True) if letter in "ve"
    }
    rows = {name: count for name, count in counts if name in released}
    return about | ({"rows": rows} if rows else {})


def compact(text: str) -> str:
    """Short objects and lists on one line: easier to read by hand."""
    return re.sub(r"[\[{]\s[^\[\]{}]{1,90}?\s[\]}]", lambda found: re.sub(r"\s*\n\s*", " ", found.group()), text)
