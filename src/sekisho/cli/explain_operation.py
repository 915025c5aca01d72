"""Which way a whole operation goes, and the statement it becomes: worked out as the gateway would, asked of nobody."""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import typer

from sekisho.cli.output import say, say_json, table, warn
from sekisho.cli.refusals import REFUSED
from sekisho.cli.session import Desk, desk, subject_of
from sekisho.cli.sql_layout import laid_out
from sekisho.decision import recipient_code
from sekisho.declaration import Declaration, Refused
from sekisho.gateway.service import admission, load_keys
from sekisho.gateway.settings import PREFIX, Execution
from sekisho.graph.compiled.engine import CompiledEngine, Foreseen
from sekisho.graph.compiled.plan import Plan
from sekisho.graph.compiled.tree import NotCompiled
from sekisho.graph.documents import DocumentRefused
from sekisho.graph.engine import ResolverEngine
from sekisho.graph.exchange import Caller, DeclaredHeaders, GraphRequest, Stage
from sekisho.graph.limits import Limits
from sekisho.graph.schema import build
from sekisho.store.database import create_engine
from sekisho.store.driver import Driver
from sekisho.vocabulary import Reason, Refusal

_NOBODY = "it reaches nobody: nothing personal is in it, and nothing is recorded"
_UNFIT = {Stage.PARSE: "does not parse", Stage.VALIDATION: "is not valid"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The operation in `file` as `client` would send it; `subject` or `login_id` is whom its token speaks for."""

    client: str
    file: Path
    name: str | None
    variables: str | None
    declaration: Declaration
    subject: UUID | None = None
    login_id: str | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """One root field. `because` says why it is answered field by field; `None` where it is part of the statement."""

    key: str
    field: str
    because: str | None


@dataclass(frozen=True, slots=True)
class Foretold:
    """How an operation would go: its root fields, the lens, what nobody's statement selects, the statement itself."""

    client: str
    roots: tuple[Root, ...]
    lens: str | None = None
    unselected: Mapping[str, Reason] | None = None
    parameters: tuple[str, ...] = ()
    sql: str | None = None


def explain_operation(asked: Asked, *, sql: bool, as_json: bool) -> None:
    """Say how the operation would go. Raises `typer.Exit` with code 2 where the gateway would refuse it."""
    text, variables = _text(asked.file), _variables(asked.variables)
    with desk() as here:
        person = None
        if asked.subject is not None or asked.login_id is not None:
            person = here.transact(lambda connection: subject_of(connection, asked.subject, asked.login_id))
        headers = _headers(asked.declaration)
        request = GraphRequest(text, Caller(asked.client, person), asked.name, variables, headers)
        try:
            told = asyncio.run(foretold(here, request))
        except (Refused, DocumentRefused) as refused:
            _refuse(refused, request, as_json=as_json)
            raise typer.Exit(REFUSED) from None
    if as_json:
        say_json(facts(told))
    else:
        _show(told, sql=sql)


async def foretold(here: Desk, request: GraphRequest) -> Foretold:
    """What the gateway would do with `request` now. Raises `Refused` and `DocumentRefused` as it would refuse."""
    settings, policies = here.settings, here.policies
    database = create_engine(here.addresses.gateway, size=1)
    limits = Limits(page=settings.page_size_default, page_max=settings.page_size_max, scan=settings.scan_bound)
    resolver = ResolverEngine(database, build(policies), policies, load_keys(settings), limits, admission(settings))
    engine = CompiledEngine(resolver, Driver(here.addresses.gateway, size=1))
    try:
        found = await engine.foreseen(request)
    except NotCompiled as verdict:
        prepared = engine.prepared(request.query, request.operation_name)
        names = sorted(prepared.document.root_fields(prepared.node))
        return Foretold(request.caller.client_id, tuple(Root(name, name, f"{verdict}") for name in names))
    finally:
        await database.dispose()
    return _told(request, found, compiles=settings.execution is Execution.COMPILED)


def _show(told: Foretold, *, sql: bool) -> None:
    """Say it, with the statement where `sql` asks for it."""
    for line in _roots(told):
        say(line)
    if told.lens is not None:
        say(f"lens: {told.lens}")
    if told.unselected:
        rows = [(each, reason, recipient_code(reason)) for each, reason in sorted(told.unselected.items())]
        table("not selected at all, whoever is found", ("coordinate", "reason", "the recipient learns"), rows)
    elif told.sql is not None:
        say("not selected at all: nothing; whether a value is shown depends on each person")
    if told.sql is not None:
        table("parameters", ("", "name"), [(f"${at}", name) for at, name in enumerate(told.parameters, 1)])
        say(told.sql if sql else "add --sql to see the statement")


def facts(told: Foretold) -> dict[str, Any]:
    """The same as JSON values; what there is not is left out."""
    unselected = [
        {"coordinate": each, "reason": reason.value, "recipient_learns": recipient_code(reason).value}
        for each, reason in sorted((told.unselected or {}).items())
    ]
    found = {
        "client": told.client,
        "lens": told.lens,
        "roots": [_root_facts(each) for each in told.roots],
        "not_selected": unselected if told.unselected is not None else None,
        "parameters": list(told.parameters) if told.sql is not None else None,
        "sql": told.sql,
    }
    return {name: fact for name, fact in found.items() if fact is not None}


def _refuse(refused: Refused | DocumentRefused, request: GraphRequest, *, as_json: bool) -> None:
    """Say why the gateway would not even begin, and what to do about it."""
    if as_json:
        say_json({"client": request.caller.client_id, "refused": _refused_facts(refused)})
    elif isinstance(refused, Refused):
        warn(f"sekisho: this operation is refused before anybody is found: {refused.refusal}: {refused.detail}")
        if request.caller.subject_id is None and refused.refusal is Refusal.TOKEN_INVALID:
            warn("sekisho: say with --login-id or --subject whom the token speaks for")
    else:
        for error in refused.errors:
            places = "".join(f", line {each.line}, column {each.column}" for each in error.locations or ())
            warn(f"sekisho: the operation {_UNFIT[refused.stage]}{places}: {error.message}")


def _text(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise typer.BadParameter(
            f"`{file}` is not UTF-8; write the operation in it", param_hint="--operation"
        ) from None


def _variables(given: str | None) -> dict[str, Any] | None:
    try:
        found = json.loads(given) if given is not None else None
    except ValueError:
        found = given
    if found is not None and not isinstance(found, dict):
        raise typer.BadParameter('write a JSON object, such as \'{"id": "..."}\'', param_hint="--variables")
    return found


def _headers(said: Declaration) -> DeclaredHeaders:
    words = (said.purpose, said.disclosure, said.recipient, said.reference)
    return DeclaredHeaders(*((each,) if each else () for each in words))


def _told(request: GraphRequest, found: Foreseen, *, compiles: bool) -> Foretold:
    because = None if compiles else f"{PREFIX}EXECUTION is `{Execution.RESOLVERS}`"
    governed = {each.key: Root(each.key, each.name, because) for each in found.selection.governed}
    plain = {key: Root(key, nodes[0].name.value, _NOBODY) for key, nodes in found.selection.plain}
    roots = tuple((governed | plain)[key] for key in found.selection.keys)
    lens = found.admitted.circumstances.lens.key if found.admitted else None
    if found.plan is None or not compiles:
        return Foretold(request.caller.client_id, roots, lens)
    statement = found.plan.statement
    return Foretold(
        request.caller.client_id, roots, lens, _unselected(found.plan), statement.parameters, laid_out(statement.text)
    )


def _unselected(plan: Plan) -> dict[str, Reason]:
    """What no statement of this lens selects, of anybody: the rows of a refused list neither."""
    found: dict[str, Reason] = {}
    for answer in plan.answers:
        for each in answer.occurrences:
            listed = answer.root.lists[each.rows].coordinate if each.rows is not None else ""
            refusal = each.refusal or found.get(listed)
            if refusal is not None:
                found[each.coordinate] = refusal
    return found


def _roots(told: Foretold) -> Iterator[str]:
    for each in told.roots:
        name = each.key if each.key == each.field else f"{each.key} ({each.field})"
        way = f"answered field by field, because {each.because}" if each.because else "compiled to one statement"
        yield f"{name}: {way}"


def _root_facts(each: Root) -> dict[str, str]:
    way = {"way": "FIELD_BY_FIELD", "because": each.because} if each.because else {"way": "ONE_STATEMENT"}
    return {"key": each.key, "field": each.field, **way}


def _refused_facts(refused: Refused | DocumentRefused) -> dict[str, Any]:
    if isinstance(refused, Refused):
        return {"code": refused.refusal.value, "message": refused.detail}
    return {"stage": refused.stage.value, "errors": [dict(error.formatted) for error in refused.errors]}
