"""`sekisho policy`: check a policy document, read it, list what enforces it, register and revoke versions."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.output import say, say_json, table, warn
from sekisho.cli.refusals import FAILED
from sekisho.cli.session import JsonOption, YesOption, confirmed, desk
from sekisho.gateway.service import load_policies
from sekisho.gateway.settings import read_settings
from sekisho.policy.coverage import Statement, coverage
from sekisho.policy.document import Policies, Policy
from sekisho.policy.load import PolicyError, load_policy
from sekisho.policy.show import Layer, Matrix, Shown, facts, literal, matrix
from sekisho.store.connecting import Connection
from sekisho.store.standings import clock
from sekisho.store.versions import register_versions, revoke_version, revoked_versions
from sekisho.vocabulary import RecipientType

app = typer.Typer(no_args_is_help=True, help="The privacy policy: check it, read it, register its versions.")

_LEGEND = (
    "F as stored, Y year of birth, B five-year band, M masked; - not needed (minimisation profile);"
    " x not allowed (policy text)"
)

File = Annotated[Path, typer.Argument(help="A policy document (YAML).", show_default=False)]


class Part(StrEnum):
    """What `policy show` shows."""

    FACTS = "facts"
    POLICY = "policy"
    PROFILE = "profile"


@app.command()
def check(file: File) -> None:
    """Check a policy document and name every mistake with its line; exit code 1 if there is one.

    Example: sekisho policy check karado-2022-09.yaml
    """
    try:
        policy = load_policy(file)
    except PolicyError as error:
        for problem in error.problems:
            warn(f"{file}:{problem.line}: {problem.message}")
        warn(f"{len(error.problems)} problem(s); correct them and check again")
        raise typer.Exit(FAILED) from None
    found = f"{len(policy.items)} items, {len(policy.purposes)} purposes, {len(policy.recipients)} recipient types"
    say(f"{file}: version {policy.id} holds together ({found})")


@app.command()
def show(
    file: Annotated[Path | None, typer.Argument(help="A policy document instead of the configured ones.")] = None,
    recipient: Annotated[RecipientType, typer.Option(metavar="TYPE", help="Whose view.")] = RecipientType.FIRST_PARTY,
    layer: Annotated[list[Part] | None, typer.Option(help="Only this part (may be repeated).")] = None,
) -> None:
    """Show a policy: what it says of itself, the rules of its text, and who may see what for which purpose.

    Example: sekisho policy show --recipient JOINT_RESEARCH_PARTNER --layer profile
    """
    policies = Policies((load_policy(file),)) if file else load_policies(read_settings())
    parts = layer or list(Part)
    for policy in policies.versions:
        if Part.FACTS in parts:
            table(f"policy {policy.id}", ("", ""), facts(policy))
        if Part.POLICY in parts:
            _show_text(policy)
        if Part.PROFILE in parts:
            _show_matrix(policy, matrix(policy, recipient))


@app.command("coverage")
def list_coverage(*, as_json: JsonOption = False) -> None:
    """List every statement of the policy: where it is enforced, which tests hold it, what is still to come.

    Exit code 1 if one is silently missing: neither held by a test, nor outside, nor said to come later.

    Example: sekisho policy coverage --json
    """
    statements = coverage()
    if as_json:
        for one in statements:
            say_json({name: getattr(one, name) for name in Statement.__dataclass_fields__})
    else:
        table("statements of the policy", ("id", "statement", "enforced in", "held by", "later"), map(_row, statements))
    silent = [one.id for one in statements if not (one.tests or one.later or one.outside)]
    if silent:
        warn(f"no test holds {', '.join(silent)}; write one, or say what brings it later")
        raise typer.Exit(FAILED)


@app.command()
def register() -> None:
    """Register the configured policy versions in the database, with every mask they need.

    A version that is registered with another document is refused: a changed document needs a version of its own.

    Example: sekisho policy register
    """
    with desk() as here:
        new = here.transact(lambda connection: register_versions(connection, here.policies))
        for version in here.policies.versions:
            how = "registered now" if version.id in new else "is registered"
            say(f"policy version {version.id} {how}, in effect from {version.effective_from.isoformat()}")


@app.command()
def revoke(
    version: Annotated[str, typer.Argument(help="The version, for example 2022-09.")], *, yes: YesOption = False
) -> None:
    """Revoke a policy version for good; while it is the current one, everything is denied.

    Example: sekisho policy revoke 2022-09
    """
    with desk() as here:

        async def consequence(connection: Connection) -> str:
            now = await clock(connection)
            revoked = here.policies.revoked | await revoked_versions(connection, now)
            current = Policies(here.policies.versions, revoked).current(now)
            if current is not None and current.id == version:
                return f"`{version}` is in effect: everything is denied until another version takes effect"
            return f"`{version}` is not in effect now; once its turn comes, everything is denied"

        say(here.transact(consequence))
        confirmed(f"revoke {version} for good?", yes=yes)
        here.transact(lambda connection: revoke_version(connection, version))
        say(f"policy version {version} is revoked")


def _show_text(policy: Policy) -> None:
    columns = ("line", "statement", "recipients", "purposes", "disclosure purposes", "categories")
    table("what the text allows", columns, literal(policy))


def _show_matrix(policy: Policy, shown: Matrix) -> None:
    headings = ["\n".join(heading.codes) for heading in shown.headings]
    rows = [[row.item.id, row.item.label.ja, *map(_mark, row.shown)] for row in shown.rows]
    table(f"{shown.recipient} under {policy.id}", ("item", "項目", *headings), rows)
    say(_LEGEND)


def _mark(shown: Shown) -> str:
    return "x" if shown.withheld_by is Layer.POLICY else shown.mark


def _row(one: Statement) -> tuple[str, ...]:
    lines = " ".join(f"L{line}" for line in one.lines)
    later = f"outside: {one.outside}" if one.outside else one.later or ""
    about = f"{one.about} ({lines})" if lines else one.about
    return (one.id, about, "\n".join(one.enforced), "\n".join(one.tests), later)
