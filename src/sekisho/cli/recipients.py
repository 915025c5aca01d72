"""`sekisho recipients`: the registry of who may ask, as whom, and for what."""

from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from sekisho.cli.output import say, say_json, table, warn
from sekisho.cli.recipient_form import RecipientForm, RecipientRefused, fill_form, read_form
from sekisho.cli.session import Desk, JsonOption, YesOption, confirmed, desk
from sekisho.decision import AccessRequest, Rules, static_refusal
from sekisho.declaration import Recipient, lenses_of
from sekisho.policy.lens import Lens
from sekisho.store.connecting import Connection
from sekisho.store.profiles import register_lenses
from sekisho.store.recipients import add_recipient, current_recipient, list_recipients
from sekisho.store.standings import clock
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType

app = typer.Typer(no_args_is_help=True, help="The registry of recipients: who may ask, as whom, for what.")

ClientArgument = Annotated[str, typer.Argument(help="The client, as its access tokens name it.", metavar="CLIENT")]


@app.command()
def add(
    client_id: Annotated[str | None, typer.Option("--client", help="The client, as its tokens name it.")] = None,
    recipient_id: Annotated[
        str | None, typer.Option("--organisation", help="The organisation's id; its clients share pseudonyms.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The organisation's name.")] = None,
    name_en: Annotated[str | None, typer.Option(help="The same in English.")] = None,
    address: Annotated[str | None, typer.Option(help="Its address.")] = None,
    representative: Annotated[str | None, typer.Option(help="Who represents it.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 alpha-2; JP unless said.")] = None,
    recipient_type: Annotated[
        RecipientType | None, typer.Option("--type", metavar="TYPE", help="Its recipient type.")
    ] = None,
    purposes: Annotated[
        list[Purpose] | None,
        typer.Option("--purpose", metavar="PURPOSE", help="A use purpose it is entitled to (repeat)."),
    ] = None,
    disclosure_purposes: Annotated[
        list[DisclosurePurpose] | None,
        typer.Option("--disclosure", metavar="PURPOSE", help="A disclosure purpose it is entitled to (repeat)."),
    ] = None,
    linked_service: Annotated[str | None, typer.Option(help="A data linkage partner's own service.")] = None,
    entitlements: Annotated[list[str] | None, typer.Option("--entitlement", help="`rights_desk` (repeat).")] = None,
    contract_reference: Annotated[str | None, typer.Option("--contract", help="The contract behind it.")] = None,
    entrustment: Annotated[bool | None, typer.Option(help="Whether it works on the controller's behalf.")] = None,
    statutory_basis: Annotated[str | None, typer.Option("--basis", help="Such as ART29_CONSENT.")] = None,
    valid_from: Annotated[str | None, typer.Option(help="An instant with its offset; now unless said.")] = None,
    valid_until: Annotated[str | None, typer.Option(help="An instant with its offset, exclusive.")] = None,
    file: Annotated[Path | None, typer.Option(help="One recipient as YAML or JSON.")] = None,
) -> None:
    """Register a recipient, or a new version of one, with the lenses it may ask through.

    A file has the keys that `recipients list --json` prints, except version and revoked_at.

    Example: sekisho recipients add --file research-partner.yaml
    """
    given = {name: value for name, value in locals().items() if name != "file" and value is not None}
    form = _form(file, given)
    with desk() as here:
        version, lenses = here.transact(lambda connection: _add(connection, here, form))
        say(f"recipient {form.client_id} is registered as version {version}, with {len(lenses)} lenses")
        _warn(here, form, lenses)


@app.command("list")
def list_all(*, as_json: JsonOption = False) -> None:
    """List every recipient as it counts now.

    Example: sekisho recipients list --json
    """
    with desk() as here:
        now, found = here.transact(_listed)
        if as_json:
            for recipient in found:
                say_json(_facts(recipient))
            return
        columns = ("client", "version", "organisation", "type", "purposes", "disclosure purposes", "country", "status")
        table("recipients", columns, (_row(recipient, now) for recipient in found))


@app.command()
def revoke(client: ClientArgument, *, yes: YesOption = False) -> None:
    """Revoke a recipient: its next request is refused, on every gateway.

    Example: sekisho recipients revoke research-partner
    """
    with desk() as here:
        here.transact(lambda connection: _unrevoked(connection, client))
        say(f"from now on every request of `{client}` is refused; adding it again lifts that")
        confirmed(f"revoke {client}?", yes=yes)
        version = here.transact(lambda connection: _revoke(connection, client))
        say(f"recipient {client} is revoked with version {version}")


def _form(file: Path | None, given: dict[str, Any]) -> RecipientForm:
    if file is None:
        return fill_form(given)
    if given:
        raise RecipientRefused("give either --file or the options, not both")
    return read_form(file.read_text(encoding="utf-8"))


async def _add(connection: Connection, here: Desk, form: RecipientForm) -> tuple[int, frozenset[Lens]]:
    recipient = form.recipient(await clock(connection))
    lenses = lenses_of(recipient)
    version = await add_recipient(connection, recipient)
    await register_lenses(connection, lenses, here.policies)
    return version, lenses


async def _listed(connection: Connection) -> tuple[datetime, tuple[Recipient, ...]]:
    return await clock(connection), await list_recipients(connection)


async def _revoke(connection: Connection, client: str) -> int:
    known = await _unrevoked(connection, client)
    return await add_recipient(connection, replace(known, revoked_at=await clock(connection)))


async def _unrevoked(connection: Connection, client: str) -> Recipient:
    known = await current_recipient(connection, client)
    if known is None:
        raise RecipientRefused(f"there is no recipient `{client}`; `sekisho recipients list` shows them")
    if known.revoked_at is not None:
        raise RecipientRefused(f"`{client}` is revoked already; there is nothing to do")
    return known


def _warn(here: Desk, form: RecipientForm, lenses: frozenset[Lens]) -> None:
    """Say what the registration cannot do, before the recipient finds out."""
    if form.country not in here.settings.admitted_countries:
        warn(f"its country `{form.country}` is not admitted by the settings: its requests are refused")
    latest = max(here.policies.versions, key=lambda version: version.effective_from)
    rules = Rules(here.policies, latest)
    cases = "" if form.recipient_type is not RecipientType.PUBLIC_AUTHORITY else " without a case"
    for lens in sorted(lenses, key=lambda each: each.key):
        if all(static_refusal(rules, AccessRequest(lens, item.id)) is not None for item in latest.items):
            warn(f"through {_aim(lens)} it may see nothing{cases}: such requests are refused")


def _aim(lens: Lens) -> str:
    return (
        " + ".join(part.value for part in (lens.disclosure, lens.purpose, lens.serves) if part) or lens.recipient_type
    )


def _row(recipient: Recipient, now: datetime) -> tuple[str, ...]:
    return (
        recipient.client_id,
        str(recipient.version),
        f"{recipient.name}\n{recipient.name_en}".strip(),
        recipient.recipient_type,
        "\n".join(sorted(recipient.purposes)),
        "\n".join(sorted(recipient.disclosure_purposes)),
        recipient.country,
        "revoked" if recipient.revoked_at else "valid" if recipient.valid(now) else "not in force",
    )


def _facts(recipient: Recipient) -> dict[str, Any]:
    facts = {field.name: getattr(recipient, field.name) for field in fields(Recipient)}
    return {name: _plain(value) for name, value in facts.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, datetime) else value
