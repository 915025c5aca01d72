"""Governed operations as one statement each; everything else field by field.

The gate is the statement itself: what it returns was recorded by it, and its commit was confirmed before its row came
back. Whatever is refused, unknown or not compiled goes to the resolver mode, which answers the same.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Execution

from sekisho.declaration import Refused
from sekisho.disclosure.log import LogUnavailable
from sekisho.graph import admitting
from sekisho.graph.compiled.admission import Admitted, Desk
from sekisho.graph.compiled.asking import Asking, shape_of
from sekisho.graph.compiled.parameters import of_request, settled
from sekisho.graph.compiled.plan import Plan, plan
from sekisho.graph.compiled.prepared import Latest, Prepared
from sekisho.graph.compiled.statement import Asked
from sekisho.graph.compiled.tree import NotCompiled, Selection
from sekisho.graph.documents import DocumentRefused
from sekisho.graph.engine import OUT_OF_REACH, ResolverEngine, awaited, rejected
from sekisho.graph.exchange import GraphAnswer, GraphRequest, Rendered, Stage
from sekisho.graph.operation import Operation
from sekisho.graph.report import Report
from sekisho.store.driver import Driver
from sekisho.vocabulary import ReportMode

_PREPARED, _PLANS, _ADMITTED = 500, 1_000, 2_000
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How an operation would go: what it selects, and, where it reaches people, through which lens and statement."""

    selection: Selection
    admitted: Admitted | None = None
    plan: Plan | None = None


@dataclass
class CompiledEngine:
    """Answers operations (`sekisho.graph.exchange.Engine`); `resolver` takes what is not compiled."""

    resolver: ResolverEngine
    driver: Driver
    _prepared: Latest[Prepared] = field(default_factory=lambda: Latest(_PREPARED))
    _plans: Latest[Plan] = field(default_factory=lambda: Latest(_PLANS))
    _admitted: Latest[Admitted] = field(default_factory=lambda: Latest(_ADMITTED))
    _settled: Latest[dict[str, Any]] = field(default_factory=lambda: Latest(_ADMITTED))

    def __post_init__(self) -> None:
        """What never changes."""
        resolver = self.resolver
        self._desk = Desk(resolver.database, resolver.policies, resolver.keys, resolver.limits, resolver.admission)
        self._asking = Asking(resolver.schema)

    async def answer(self, request: GraphRequest) -> GraphAnswer:
        """Decide, record and answer in one round trip. Raises `LogUnavailable`: no data left then."""
        try:
            found = await self._answer(request)
        except (Refused, NotCompiled, DocumentRefused):
            found = None
        except OUT_OF_REACH as error:
            raise LogUnavailable("the database is out of reach, so nothing can be recorded; try again later") from error
        return found if found is not None else await self.resolver.answer(request)

    async def _answer(self, request: GraphRequest) -> GraphAnswer | None:
        prepared = self.prepared(request.query, request.operation_name)
        variables = prepared.variables(request.variables) if prepared.reaches_people else None
        if variables is None:
            return None
        selection = prepared.selection(variables)
        if not selection.governed:  # every one of them is skipped
            return None
        key = (prepared, request.caller.client_id, request.caller.subject_id is None, request.headers)
        for _ in range(_ATTEMPTS):
            admitted = self._admitted.get(key)
            if admitted is None:
                said = admitting.declaration(prepared.node, request.headers)
                admitted = self._admitted.keep(key, await self._desk.learn(request.caller, said))
            here = admitted.circumstances
            asked = [self._asking.asked(root, here, variables) for root in selection.governed]
            made = self.plan(selection, asked, admitted, request.report)
            plain = await self._plain(request, prepared, selection, admitted) if selection.plain else {}
            values = self._settled.made((prepared, admitted), lambda: settled(prepared, admitted))  # noqa: B023 - at once
            values = values | of_request(request, selection, asked, admitted, variables, self.resolver.minting)
            statement = made.statement
            row = await self.driver.row(statement.text, [values[name] for name in statement.parameters])
            if row is not None:
                return self._told(request, selection, asked, made, admitted, row, plain)
            self._admitted.forget(key)
        return None

    async def foreseen(self, request: GraphRequest) -> Foreseen:
        """How `request` would go, as the registry is now: nothing about people is read, and nothing is written.

        Raises `Refused` and `DocumentRefused` where it would be refused, and `NotCompiled` where it is answered field
        by field.
        """
        prepared = self.prepared(request.query, request.operation_name)
        variables = prepared.variables(request.variables)
        if variables is None:
            told = GraphQLError("a variable does not fit its declared type; check `variables` against the operation")
            raise DocumentRefused(Stage.VALIDATION, (told,))
        admitted = None
        if prepared.reaches_people or admitting.request_declares(request, prepared.node):
            said = admitting.declaration(prepared.node, request.headers)
            admitted = await self._desk.learn(request.caller, said)
        selection = prepared.selection(variables)
        if admitted is None or not selection.governed:
            return Foreseen(selection, admitted)
        asked = [self._asking.asked(root, admitted.circumstances, variables) for root in selection.governed]
        return Foreseen(selection, admitted, self.plan(selection, asked, admitted, request.report))

    def prepared(self, text: str, name: str | None) -> Prepared:
        """The operation, parsed and validated once. Raises `DocumentRefused`."""
        found = self._prepared.get((text, name))
        if found is not None:
            return found
        resolver = self.resolver
        document = resolver.documents.read(text)
        made = Prepared(resolver.core, resolver.governed, document, document.operation(name), text)
        return self._prepared.keep((text, name), made)

    def plan(self, selection: Selection, asked: list[Asked], admitted: Admitted, report: ReportMode) -> Plan:
        """The operation's plan under this lens, written once. Raises `NotCompiled`."""
        here, reach, rejecting = admitted.circumstances, admitted.reach, report is ReportMode.REJECT
        narrowed = (reach.sources is None, reach.study is None, reach.only is None, reach.masks is None)
        items = here.override.items if here.override else None
        shapes = tuple(map(shape_of, asked))
        key = (selection, reach.lens_key, reach.policy_version, narrowed, items, rejecting, shapes)
        return self._plans.made(key, lambda: plan(selection, asked, here, reach, rejecting=rejecting))

    async def _plain(
        self, request: GraphRequest, prepared: Prepared, selection: Selection, admitted: Admitted
    ) -> dict[str, Any]:
        """The root fields that reach nobody, by response key."""
        here, reach, resolver = admitted.circumstances, admitted.reach, self.resolver
        nothing: Any = None  # these fields ask the database nothing
        operation = Operation(here, reach, nothing, resolver.states, Report(here.lens))
        built = Execution.build(
            resolver.core,
            prepared.plain(selection),
            context_value=operation,
            raw_variable_values=request.variables,
            hide_suggestions=True,
        )
        result = None if isinstance(built, list) else await awaited(built.execute_operation())
        if result is None or result.errors or result.data is None:
            raise NotCompiled("a root field that reaches nobody fails")
        return result.data

    def _told(
        self,
        request: GraphRequest,
        selection: Selection,
        asked: list[Asked],
        made: Plan,
        admitted: Admitted,
        row: Any,
        plain: dict[str, Any],
    ) -> GraphAnswer:
        errors, extensions = self._report(request, made, admitted, row)
        if errors is None:
            return rejected(extensions)
        texts = {
            each.root.key: each.text(row, told, admitted.pseudonyms)
            for each, told in zip(made.answers, asked, strict=True)
        }
        texts |= {key: orjson.dumps(value).decode() for key, value in plain.items()}
        data = ",".join([f'"{key}":{texts[key]}' for key in selection.keys])
        letters = "".join([each.letters(row) for each in made.answers])
        permitted, withheld = letters.count("v") + letters.count("e"), letters.count("w") + letters.count("s")
        body = Rendered(f"{{{data}}}".encode())
        return GraphAnswer(Stage.EXECUTED, body, errors, extensions, permitted=permitted, withheld=withheld)

    def _report(
        self, request: GraphRequest, made: Plan, admitted: Admitted, row: Any
    ) -> tuple[tuple[dict[str, Any], ...] | None, Any]:
        """Errors and extensions; for errors `None` and the report where nothing may be released at all."""
        report = Report(admitted.circumstances.lens)
        if request.report is ReportMode.SILENT:
            return (), {}
        if request.report is ReportMode.EXTENSIONS and not report.exact:
            told = made.withheld.text(row)
            if told is not None:
                return (), Rendered(told) if told else {}
        for each in made.answers:
            each.report(row, report)
        if request.report is ReportMode.REJECT and report.found:
            return None, report
        errors, extensions = report.said(request.report)
        return tuple(errors), extensions
