"""Generated operations: built from the schema, asked by callers of the town, deterministic for each seed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from callers import Caller, Declared, caller, declared, in_headers, misdeclared, somebody
from input_values import NOT_SENT, TURNS, InputValues, Variable
from selections import Selections
from spelling_graphql import literal, plain
from town import PEOPLE

from generated_draws import Draws, SeededDraws
from graph.world import SCHEMA
from sekisho.graph.exchange import DeclaredHeaders
from sekisho.graph.schema import governed_fields
from sekisho.vocabulary import ReportMode

CORE = SCHEMA._schema
GOVERNED = governed_fields(CORE)
_TELLING = (*(ReportMode.EXTENSIONS,) * 5, *(ReportMode.ERRORS,) * 4, *(ReportMode.SILENT,) * 2)
_REJECTING = (*_TELLING, *(ReportMode.REJECT,) * 5)
_SPOILT = (
    "",
    "{",
    "{ nothing }",
    "{ me }",
    "query { subjects { edges } }",
    "mutation { me { id } }",
    "{ me { id } } }",
)


@dataclass(frozen=True)
class Question:
    """One operation as somebody asks it. `earlier` is asked first where a cursor is needed from it."""

    text: str
    client: str
    person: str | None = None
    operation_name: str | None = None
    variables: Mapping[str, Any] | None = None
    headers: DeclaredHeaders = field(default_factory=DeclaredHeaders)
    report: ReportMode = ReportMode.EXTENSIONS
    earlier: str | None = None
    known_as: Mapping[str, str] = field(default_factory=dict)


def questions(seed: int) -> list[Question]:
    """One operation, asked up to `TURNS` times: with other variables, in other modes, by others, never twice alike."""
    return written(SeededDraws(seed))


def written(draws: Draws) -> list[Question]:
    """The same recipe over any source of choices."""
    asker = caller(draws)
    said = _said(draws, asker)
    values = InputValues(draws, asker)
    selections = Selections(draws, CORE, GOVERNED, values)
    roots = selections.roots()
    name = draws.one(("", "Asks", "Other", "名")[:3])
    text, chosen = _document(draws, name, said, selections, roots)
    first = Question(text, asker.client, asker.person, chosen, None, said.headers, earlier=_earlier(said, selections))
    others = (asker, caller(draws) if draws.chance(0.6) else asker)
    reports = _REJECTING if draws.chance(0.25) else _TELLING  # a statement of its own: seldom, then often
    asked = [_turn(draws, others, replace(first, report=draws.one(reports)), values.variables, n) for n in range(TURNS)]
    return [each for place, each in enumerate(asked) if each not in asked[:place]]


def _said(draws: Draws, asker: Caller) -> Declared:
    headers = in_headers(asker.words)
    said = Declared(headers) if headers is not None and draws.chance(0.5) else declared(draws, asker.words)
    return misdeclared(draws, said) if draws.chance(0.05) else said


def _turn(
    draws: Draws, callers: tuple[Caller, Caller], first: Question, variables: Mapping[str, Variable], number: int
) -> Question:
    """Asked again, sometimes by another caller who declares in headers what they are entitled to."""
    question, (asker, other) = first, callers
    headers = in_headers(other.words)
    if headers is not None and number and "@purpose" not in first.text and draws.chance(0.4):
        asker, question = other, replace(question, client=other.client, person=other.person, headers=headers)
    if question.client == "app" and number and draws.chance(0.6):
        question = replace(question, person=somebody(draws))
    sent = {
        name: plain(each.sent[number], asker.pseudonym) for name, each in variables.items() if _is_sent(each, number)
    }
    if draws.chance(0.02):
        sent["nobody_asked"] = 1
    known = {asker.pseudonym(name): name for name in PEOPLE}
    return replace(question, variables=sent if sent or draws.chance(0.1) else None, known_as=known)


def _is_sent(variable: Variable, number: int) -> bool:
    return variable.sent[number] is not NOT_SENT


def _document(draws: Draws, name: str, said: Declared, selections: Selections, roots: str) -> tuple[str, str | None]:
    """The text, and the operation to name."""
    if draws.chance(0.01):
        return draws.one(_SPOILT), None
    head = (
        f"query {name}{_definitions(selections.values.variables, selections.values.caller.pseudonym)}{said.directives}"
    )
    if head == "query " and draws.chance(0.5):
        head = ""
    operations = [f"{head} {roots}".strip()]
    chosen = name or None
    if name and draws.chance(0.12):
        second = "query Second @purpose(is: RESEARCH_ACADEMIC) { viewer { clientId } subjects { edges { cursor } } }"
        operations.insert(draws.one((0, 1)), second)
        if draws.chance(0.15):
            chosen = draws.one((None, "Second", "Third", ""))
    elif draws.chance(0.5):
        chosen = None
    spelled = [f"fragment {each} on {on} {body}" for each, (on, body) in selections.fragments.items()]
    return draws.one(("\n", "\n", " ", " # said\n", ",,\ufeff\n")).join((*operations, *spelled)), chosen


def _definitions(variables: Mapping[str, Variable], pseudonym: Callable[[str], str]) -> str:
    told = [
        f"${name}: {each.type}" + (f" = {literal(each.default, pseudonym)}" if each.has_default else "")
        for name, each in variables.items()
    ]
    return f"({', '.join(told)})" if told else ""


def _earlier(said: Declared, selections: Selections) -> str | None:
    if selections.earlier is None:
        return None
    used = set(re.findall(r"\$(\w+)", selections.earlier))
    variables = {name: each for name, each in selections.values.variables.items() if name in used}
    defined = _definitions(variables, selections.values.caller.pseudonym)
    return f"query{defined}{said.directives} {selections.earlier}"
