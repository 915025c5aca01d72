"""`sekisho consent`: put on record what a person said. What it changes is told before it is done."""

from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli import consent_keyed
from sekisho.cli.consent_record import AtOption, Named, UntilOption, drafted, put, told
from sekisho.cli.consent_show import record_facts, segment_facts, show_records, show_timeline
from sekisho.cli.output import progress_of, say_json, table
from sekisho.cli.session import Desk, JsonOption, LoginOption, SubjectOption, YesOption, desk, subject_of
from sekisho.consent.fold import Segment, timeline
from sekisho.consent.records import AnyPurpose, ConsentEvent, Scope, SubjectFacts, purpose_word
from sekisho.consent.writing import ConsentRefused
from sekisho.sources.consent_import import import_consent
from sekisho.spelling import instant
from sekisho.store.connecting import Connection
from sekisho.store.consents import Notice, Recorded, history
from sekisho.store.standings import clock, facts_of
from sekisho.vocabulary import DataCategory, EventKind, RecipientType, RestrictionTarget, ServiceContext

app = typer.Typer(no_args_is_help=True, help="What a person said: put it on record, and see where they stand.")

CategoryOption = Annotated[
    list[DataCategory] | None, typer.Option("--category", metavar="CATEGORY", help="Only this category (repeat).")
]
PurposeOption = Annotated[
    list[str] | None,
    typer.Option("--purpose", metavar="PURPOSE", help="Only this use or disclosure purpose (repeat)."),
]
RecipientOption = Annotated[
    list[RecipientType] | None, typer.Option("--recipient", metavar="TYPE", help="Only this recipient type (repeat).")
]
EndsOption = Annotated[list[str], typer.Option("--ends", metavar="ID", help="The record to end (repeat).")]


@app.command()
def accept(
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    version: Annotated[str | None, typer.Option(help="The policy version; the one in effect unless told.")] = None,
    shown_at: Annotated[str | None, typer.Option(help="When the policy was shown, with its offset.")] = None,
    language: Annotated[str, typer.Option(help="The language it was shown in.")] = "ja",
    channel: Annotated[str, typer.Option(help="Where it was given.")] = "operator",
    at: AtOption = None,
    until: UntilOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record that a person accepts the policy, as a whole.

    Example: sekisho consent accept --login-id taro --shown-at 2026-04-01T09:00:00+09:00
    """
    with desk() as here:
        chosen = version or _in_effect(here)
        known = here.policies.get(chosen)
        if known is None:
            names = ", ".join(each.id for each in here.policies.versions)
            raise ConsentRefused(f"`{chosen}` is no configured policy version; accept one of {names}")
        presented = instant(shown_at, "--shown-at") if shown_at else None
        notice = Notice(known.text_sha256, channel, language, "data subject", "told to the operator", presented)
        event = drafted(EventKind.ACCEPTANCE, at, until)
        put(here, (subject, login_id), Recorded(replace(event, version=chosen), notice), yes=yes)


@app.command()
def refuse(
    subject: SubjectOption = None, login_id: LoginOption = None, at: AtOption = None, *, yes: YesOption = False
) -> None:
    """Record that a person refuses the policy: acceptance, links, consents and participation end.

    Example: sekisho consent refuse --login-id taro
    """
    with desk() as here:
        put(here, (subject, login_id), told(drafted(EventKind.REFUSAL, at)), yes=yes)


@app.command()
def withdraw(
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    category: CategoryOption = None,
    purpose: PurposeOption = None,
    recipient: RecipientOption = None,
    at: AtOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record a withdrawal: of everything, or of what the options name.

    A whole withdrawal ends acceptance, links, consents and participation; a scoped one narrows.

    Example: sekisho consent withdraw --login-id taro --purpose MARKETING --recipient AFFILIATE
    """
    event = replace(drafted(EventKind.WITHDRAWAL, at), scope=_scope(category, purpose, recipient))
    with desk() as here:
        put(here, (subject, login_id), told(event), yes=yes)


@app.command("object")
def object_to(
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    category: CategoryOption = None,
    purpose: PurposeOption = None,
    recipient: RecipientOption = None,
    at: AtOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record an objection: to everything, or to what the options name.

    Example: sekisho consent object --login-id taro --category USAGE_HISTORY
    """
    event = replace(drafted(EventKind.OBJECTION, at), scope=_scope(category, purpose, recipient))
    with desk() as here:
        put(here, (subject, login_id), told(event), yes=yes)


@app.command()
def restrict(
    target: Annotated[RestrictionTarget, typer.Option(help="What stops.")],
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    at: AtOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record a restriction, of processing or of third-party provision; either suspends the person's own use.

    Example: sekisho consent restrict --login-id taro --target THIRD_PARTY_PROVISION
    """
    with desk() as here:
        put(here, (subject, login_id), told(replace(drafted(EventKind.RESTRICTION, at), target=target)), yes=yes)


@app.command()
def lift(
    ends: EndsOption,
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    at: AtOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """End scoped withdrawals, objections and restrictions by their ids (`sekisho consent show` lists them).

    Example: sekisho consent lift --login-id taro --ends 0b8f4c1e-6d0c-4a52-9f0b-0d6d1c1a7e11
    """
    with desk() as here:
        put(here, (subject, login_id), told(replace(drafted(EventKind.LIFT, at), ends=tuple(ends))), yes=yes)


app.command()(consent_keyed.link)
app.command()(consent_keyed.unlink)
app.command("third-party")(consent_keyed.third_party)
app.command("end-third-party")(consent_keyed.end_third_party)
app.command()(consent_keyed.participate)
app.command("end-participation")(consent_keyed.end_participation)


@app.command("attest-adult")
def attest_adult(
    subject: SubjectOption = None,
    login_id: LoginOption = None,
    at: AtOption = None,
    until: UntilOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Record that a person attested to be an adult; a known birth date beats it.

    Example: sekisho consent attest-adult --login-id taro
    """
    with desk() as here:
        put(here, (subject, login_id), told(drafted(EventKind.ADULT_ATTESTATION, at, until)), yes=yes)


@app.command("import")
def from_file(
    file: Annotated[Path, typer.Argument(help="Past consent events, one JSON object on each line.")],
    register_unknown: Annotated[
        ServiceContext | None, typer.Option(help="Register people who are not known, under this service.")
    ] = None,
) -> None:
    """Bring past consent in as it happened: all of the file or nothing, and each event once.

    Example: sekisho consent import history.jsonl --register-unknown KARADO_APP
    """
    size = file.stat().st_size
    with desk() as here, progress_of(file.name, size) as told:
        result = here.transact(
            lambda connection: import_consent(connection, file, here.policies, register_unknown, told)
        )
    counts = [(field.name.replace("_", " "), str(getattr(result, field.name))) for field in fields(result)]
    table(str(file), ("", "count"), counts)


@app.command()
def show(subject: SubjectOption = None, login_id: LoginOption = None, *, as_json: JsonOption = False) -> None:
    """Show everything one person put on record, and the timeline it folds into.

    Example: sekisho consent show --login-id taro
    """
    with desk() as here:
        now, events, segments = here.transact(lambda connection: _history(connection, here, (subject, login_id)))
    if as_json:
        say_json({"records": list(map(record_facts, events)), "timeline": list(map(segment_facts, segments))})
        return
    show_records(events)
    show_timeline(segments, now)


async def _history(
    connection: Connection, here: Desk, who: Named
) -> tuple[datetime, tuple[ConsentEvent, ...], tuple[Segment, ...]]:
    subject_id = await subject_of(connection, *who)
    events = await history(connection, subject_id)
    facts = await facts_of(connection, subject_id) or SubjectFacts()
    return await clock(connection), events, timeline(events, facts, here.policies)


def _scope(
    categories: list[DataCategory] | None, purposes: list[str] | None, recipients: list[RecipientType] | None
) -> Scope | None:
    """The scope that the options name; without any of them the whole is meant."""
    if not (categories or purposes or recipients):
        return None
    return Scope(
        frozenset(categories) if categories else None,
        frozenset(map(_purpose, purposes)) if purposes else None,
        frozenset(recipients) if recipients else None,
    )


def _purpose(word: str) -> AnyPurpose:
    try:
        return purpose_word(word)
    except ValueError:
        raise ConsentRefused(
            f"`{word}` is neither a use purpose nor a disclosure purpose; see `sekisho policy show`"
        ) from None


def _in_effect(here: Desk) -> str:
    current = here.policies.current(here.transact(clock))
    if current is None:
        raise ConsentRefused("no policy version is in effect; name the accepted one with --version")
    return current.id
