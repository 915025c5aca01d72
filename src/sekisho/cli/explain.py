"""`sekisho explain`: every gate in order for one field of one person and one client, or how a whole operation goes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from sekisho.cli.explain_operation import Asked, explain_operation
from sekisho.cli.explanation import Explanation, Question, explained, facts, is_self, item_of
from sekisho.cli.output import say, say_json, table
from sekisho.cli.session import JsonOption, LoginOption, SubjectOption, desk, subject_of
from sekisho.decision import Datum, Denied, Permitted
from sekisho.declaration import Declaration
from sekisho.graph.report import MESSAGES
from sekisho.store.connecting import Connection
from sekisho.vocabulary import SourceKind


def explain(
    client: Annotated[str, typer.Option(help="The client that asks.")],
    field: Annotated[
        str | None, typer.Option(help="A schema coordinate, such as Attributes.birthDate, or an item.")
    ] = None,
    operation: Annotated[
        Path | None, typer.Option(help="A file with a GraphQL operation; `-` reads standard input.", metavar="FILE")
    ] = None,
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    purpose: Annotated[str | None, typer.Option(help="The use purpose it declares.")] = None,
    disclosure: Annotated[str | None, typer.Option(help="The disclosure purpose it declares.")] = None,
    serves: Annotated[str | None, typer.Option(help="With --field: what an INCIDENTAL purpose serves.")] = None,
    study: Annotated[str | None, typer.Option(help="With --field: the study whose participants it reads.")] = None,
    reference: Annotated[str | None, typer.Option(help="The case it refers to.")] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="With --field: a stored value's source, such as LINKED_APP:GOOGLE_FIT; the item unless told."
        ),
    ] = None,
    activity: Annotated[
        str | None, typer.Option(help="With --field: the activity a stored value was given in.")
    ] = None,
    variables: Annotated[str | None, typer.Option(help="With --operation: its variables.", metavar="JSON")] = None,
    operation_name: Annotated[
        str | None, typer.Option(help="With --operation: which one, where the file has several.")
    ] = None,
    *,
    sql: Annotated[bool, typer.Option("--sql", help="With --operation: show the statement's text.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Explain one decision, or how a whole operation would go. Nothing of anybody is released, and nothing recorded.

    With --field: all gates in order, the verdict, the records behind it, what the recipient learns. With --operation:
    whether each root field is part of the one statement, what that never selects, its parameters and its SQL.

    Example: sekisho explain --login-id taro --field Attributes.birthDate --client lab --purpose RESEARCH_ACADEMIC
    """
    of_field = {"--serves": serves, "--study": study, "--source": source, "--activity": activity}
    of_operation = {"--variables": variables, "--operation-name": operation_name, "--sql": sql}
    declaration = Declaration(purpose, disclosure, None, reference, serves, study)
    if (field is None) == (operation is None):
        raise typer.BadParameter("ask about one --field or about one --operation, not about both or neither")
    if operation is not None:
        _refuse_beside("--operation", of_field, "what it serves and its study are said in its `@purpose`")
        asked = Asked(client, operation, operation_name, variables, declaration, subject, login_id)
        explain_operation(asked, sql=sql, as_json=as_json)
    elif field is not None:
        _refuse_beside("--field", of_operation, "they belong to --operation")
        who = (subject, login_id)
        _explain_field(field, client, who, declaration, _datum(source, activity), as_json=as_json)


def _refuse_beside(option: str, others: Mapping[str, object], remedy: str) -> None:
    said = [name for name, value in others.items() if value]
    if said:
        raise typer.BadParameter(f"{', '.join(said)} cannot stand beside {option}; {remedy}")


def _explain_field(
    field: str,
    client: str,
    who: tuple[UUID | None, str | None],
    declaration: Declaration,
    datum: Datum | None,
    *,
    as_json: bool,
) -> None:
    with desk() as here:
        item = item_of(field, here.policies)

        async def work(connection: Connection) -> Explanation:
            person = await subject_of(connection, *who)
            question = Question(person, field, client, declaration, datum)
            return await explained(connection, question, item, here.policies, here.settings)

        explanation = here.transact(work)
        if as_json:
            say_json(facts(explanation))
            return
        _show(explanation)


def _datum(source: str | None, activity: str | None) -> Datum | None:
    if source is None:
        return Datum(SourceKind.SUBJECT, None, activity) if activity else None
    kind, _, name = source.partition(":")
    if kind not in SourceKind.__members__:
        raise typer.BadParameter(f"`{kind}` is no source; one of {', '.join(SourceKind)}", param_hint="--source")
    return Datum(SourceKind(kind), name or None, activity)


def _show(told: Explanation) -> None:
    asked, recipient = told.question, told.recipient
    who = f"{asked.client} ({recipient.recipient_type})" if recipient else f"{asked.client} (not registered)"
    say(f"{asked.coordinate} (item {told.item}) of {asked.subject_id}, asked by {who}")
    if told.refused is not None:
        say(f"refused before any field is asked: {told.refused.refusal}: {told.refused.detail}")
        return
    rows = [(str(at), gate, "refuses" if reason else "passes", reason or "") for at, (gate, reason) in _numbered(told)]
    table("gates, in order", ("", "gate", "verdict", "reason"), rows)
    for line in (*_verdict(told), *_evidence(told), *_learned(told)):
        say(line)


def _numbered(told: Explanation) -> Iterator[tuple[int, tuple[str, str | None]]]:
    return enumerate(((gate, reason) for gate, reason in told.findings), 1)


def _verdict(told: Explanation) -> Iterator[str]:
    if isinstance(told.decision, Denied):
        yield f"decision: withheld, {told.decision.reason}"
    elif isinstance(told.decision, Permitted):
        ground = told.decision.ground
        yield f"decision: released as {told.decision.transform}, on the ground {ground.legal_basis}"
        yield f"clause: policy {ground.policy_version}, line {ground.line} (statement {told.statement})"


def _evidence(told: Explanation) -> Iterator[str]:
    if told.stored is None:
        yield "evidence: this person has no state, so everything is denied"
        return
    found = told.stored.standing.evidence.to_json()
    for name, ids in found.items():
        listed = [ids] if isinstance(ids, str) else ids
        yield f"evidence, {name}: {', '.join(each for each in listed if each) or 'none'}"


def _learned(told: Explanation) -> Iterator[str]:
    if not told.present:
        yield "the recipient learns: nothing, not even that the person exists (null, as for an unknown id)"
    elif told.learned is None:
        yield "the recipient learns: the value, where one is stored"
    elif is_self(told):
        yield "the person learns: the exact reason"
    else:
        yield f"the recipient learns: {told.learned} ({MESSAGES[told.learned]})"
