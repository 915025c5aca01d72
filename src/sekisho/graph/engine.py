"""One operation from text to answer, field by field: the resolver mode.

The gate is visible in one place: `await ledger.append(...)` and the commit behind it stand before the answer is built.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import strawberry
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Execution

from sekisho.consent.state import SubjectState
from sekisho.decision import Override
from sekisho.declaration import Admission, Declaration, Declared, Recipient, Refused
from sekisho.disclosure.log import LogUnavailable
from sekisho.graph import admitting
from sekisho.graph.documents import Document, DocumentRefused, Documents
from sekisho.graph.exchange import GraphAnswer, GraphRequest, Stage
from sekisho.graph.limits import Limits
from sekisho.graph.numbers import with_spelled
from sekisho.graph.operation import Circumstances, Operation
from sekisho.graph.queries import PERSONAL_ROOTS
from sekisho.graph.recording import Facts, Minting, legal_basis, row
from sekisho.graph.report import Report
from sekisho.graph.schema import governed_fields
from sekisho.graph.sealing import SealingKeys
from sekisho.graph.windows import Windows, check_window
from sekisho.policy.document import Policies, Policy
from sekisho.policy.lens import Lens
from sekisho.store import ledger
from sekisho.store.cases import Case
from sekisho.store.profiles import profiles
from sekisho.store.questions import Masks, Reach
from sekisho.store.reading import Snapshot, snapshot
from sekisho.vocabulary import Outcome, Refusal, ReportMode

OUT_OF_REACH = (DBAPIError, PoolTimeout, OSError, asyncpg.PostgresError)
"""What a database that does not do its part raises: nothing can be recorded then, so nothing is answered."""

_WITHHELD = Refused(Refusal.FIELDS_WITHHELD, "some fields would be withheld, so nothing is released")
_NO_REACH = Reach("", "", 0, only=(), masks=Masks([], [], []))


@dataclass
class ResolverEngine:
    """Answers operations by asking the decision field by field (`sekisho.graph.exchange.Engine`)."""

    database: AsyncEngine
    schema: strawberry.Schema
    policies: Policies
    keys: SealingKeys
    limits: Limits = field(default_factory=Limits)
    admission: Admission = field(default_factory=Admission)
    minting: Minting = field(default_factory=Minting)
    _states: dict[int, SubjectState] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Documents are parsed and validated once."""
        self.core = self.schema._schema  # noqa: SLF001 - strawberry offers no public word for the core schema
        self.documents = Documents(self.core, self.limits.tokens)
        self.governed = governed_fields(self.core)

    async def answer(self, request: GraphRequest) -> GraphAnswer:
        """Judge, execute, record, and only then answer. Raises `LogUnavailable`: no data left then."""
        try:
            document = self.documents.read(request.query)
            operation = document.operation(request.operation_name)
        except DocumentRefused as refused:
            return GraphAnswer(refused.stage, errors=tuple(dict(error.formatted) for error in refused.errors))
        try:
            async with snapshot(self.database) as view:
                return await _Turn(self, request, document, operation, view).answer()
        except OUT_OF_REACH as error:
            raise LogUnavailable("the database is out of reach, so nothing can be recorded; try again later") from error

    async def states(self, view: Snapshot, ids: set[int]) -> Mapping[int, SubjectState]:
        """The states of consent profiles. They are immutable, so they are kept for ever."""
        if missing := ids - self._states.keys():
            self._states |= await profiles(view.connection, missing)
        return self._states


@dataclass
class _Turn:
    """One operation in its snapshot."""

    engine: ResolverEngine
    request: GraphRequest
    document: Document
    node: OperationDefinitionNode
    view: Snapshot
    recipient: Recipient | None = None
    said: Declaration = field(default_factory=Declaration)
    declared: Declared | None = None
    policy: Policy | None = None
    case: Case | None = None

    async def answer(self) -> GraphAnswer:
        try:
            operation = await self._admitted()
            result = self._execution(operation)
            if isinstance(result, GraphAnswer):
                return result
            return await self._executed(operation, await result)
        except Refused as refused:
            return await self._refused(refused)

    async def _admitted(self) -> Operation:
        engine, caller = self.engine, self.request.caller
        standing = await admitting.admitted(self.view, caller, engine.policies, engine.admission)
        self.recipient, self.policy = standing.recipient, standing.rules.current
        personal = bool(self.document.root_fields(self.node) & PERSONAL_ROOTS)
        reach, lens = _NO_REACH, Lens(standing.recipient.recipient_type)
        if personal or admitting.request_declares(self.request, self.node):
            self.said = admitting.declaration(self.node, self.request.headers)
            self.declared, self.case = await admitting.declared(self.view, standing, self.said, engine.admission)
            lens = self.declared.lens
            reach = await admitting.reach(self.view, standing, caller, self.declared, self.case)
        elif standing.rules.current is None:
            raise Refused(Refusal.POLICY_NOT_ACTIVE, "no policy version is in force; the operator must activate one")
        circumstances = Circumstances(
            caller,
            standing.recipient,
            lens,
            standing.rules,
            {source.bit: source for source in standing.sources},
            engine.keys,
            engine.limits,
            self.declared,
            Override(self.case.items) if self.case else None,
        )
        return Operation(circumstances, reach, self.view, engine.states, Report(lens))

    def _execution(self, operation: Operation) -> Any:
        """The running execution, or the answer when the variables do not fit."""
        built = Execution.build(
            self.engine.core,
            self.document.node,
            context_value=operation,
            raw_variable_values=self.request.variables,
            operation_name=self.node.name.value if self.node.name else None,
            hide_suggestions=True,
        )
        if isinstance(built, list):
            return GraphAnswer(Stage.VALIDATION, errors=tuple(map(_unfit, built)))
        self._check_windows(operation, built.variable_values)
        return awaited(built.execute_operation())

    def _check_windows(self, operation: Operation, variables: Any) -> None:
        """No list is asked for in a size or by times that may not be. Raises `Refused`, before data is touched."""
        engine = self.engine
        windows = Windows(engine.core, self.document.fragments, variables, engine.governed)
        for declared, given in windows.asked(self.node.selection_set, engine.core.query_type):
            check_window(operation.circumstances, declared, given)

    async def _executed(self, operation: Operation, result: ExecutionResult) -> GraphAnswer:
        # A refusal found while resolving is such an error too, and ends up with the refusals.
        for error in result.errors or ():
            if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
                raise error.original_error
        refused = _WITHHELD if self.request.report is ReportMode.REJECT and operation.report.found else None
        outcome = Outcome.ANSWERED if refused is None else Outcome.REJECTED
        facts = self._facts(operation)
        rows = [row(facts, self.engine.minting, outcome, each, refused) for each in operation.releases.values()]
        await self._record(rows)
        if refused is not None:
            return rejected(operation.report)
        errors, extensions = operation.report.said(self.request.report)
        letters = "".join("".join(row.outcomes) for row in rows)
        return GraphAnswer(
            Stage.EXECUTED,
            with_spelled(result.data),
            (*(dict(error.formatted) for error in result.errors or ()), *errors),
            extensions,
            permitted=letters.count("v") + letters.count("e"),
            withheld=letters.count("w") + letters.count("s"),
        )

    async def _refused(self, refused: Refused) -> GraphAnswer:
        await self._record([row(self._facts(None), self.engine.minting, Outcome.REFUSED, None, refused)])
        return _refusal(refused)

    async def _record(self, rows: list[Any]) -> None:
        """Written, then told: whatever follows this line may leave."""
        connection = self.view.connection
        async with ledger.commits_watched(await ledger.driver_of(connection)):
            await ledger.append(connection, rows)
            await connection.commit()

    def _facts(self, operation: Operation | None) -> Facts:
        basis = None
        if operation is not None and self.recipient is not None:
            here = operation.circumstances
            basis = legal_basis(
                self.recipient.recipient_type, override=here.override is not None, handling=here.handling
            )
        instant = self.engine.minting.instant(self.view.instant)
        name = self.node.name.value if self.node.name else ""
        return Facts(self.request, name, instant, self.recipient, self.said, self.declared, self.policy, basis)


def _unfit(error: GraphQLError) -> dict[str, Any]:
    """A variable's mistake, by place alone: what was sent is not repeated."""
    places = [{"line": each.line, "column": each.column} for each in error.locations or ()]
    told = "a variable does not fit its declared type; check `variables` against the operation"
    return {"message": told, "locations": places}


def rejected(report: Report) -> GraphAnswer:
    """The answer where the caller wants nothing rather than less, and something would be withheld."""
    return _refusal(_WITHHELD, {"withheld": report.extensions()})


def _refusal(refused: Refused, extensions: dict[str, Any] | None = None) -> GraphAnswer:
    error = {"message": refused.detail, "extensions": {"code": refused.refusal.value}}
    return GraphAnswer(Stage.REFUSED, errors=(error,), extensions=extensions or {}, refusal=refused.refusal)


async def awaited(result: Any) -> ExecutionResult:
    """The result of an execution that may be done already."""
    executed: ExecutionResult = result if isinstance(result, ExecutionResult) else await result
    return executed
