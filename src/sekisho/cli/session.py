"""One command's work place: settings, policies, and transactions as the operator."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from sekisho.gateway.service import Addresses, databases, load_policies, operator_connection, prepare_now
from sekisho.gateway.settings import Settings, read_settings
from sekisho.policy.document import Policies
from sekisho.store.connecting import Connection
from sekisho.store.subjects import known, with_login

T = TypeVar("T")

SubjectOption = Annotated[UUID | None, typer.Option("--subject", help="The person, by internal id.", metavar="UUID")]
LoginOption = Annotated[str | None, typer.Option("--login-id", help="The person, by login id.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an operator works: the settings, the policy versions, and the database."""

    settings: Settings
    policies: Policies
    addresses: Addresses

    def transact(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in one transaction, committed at its end; an error takes all of it back."""
        return asyncio.run(self._transact(work))

    async def _transact(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        async with operator_connection(self.addresses) as connection:
            return await work(connection)


@contextmanager
def desk() -> Iterator[Desk]:
    """The place to work, with an embedded database started and brought up to date where none is configured."""
    settings = read_settings()
    policies = load_policies(settings)
    with databases(settings) as addresses:
        prepare_now(addresses, policies)
        yield Desk(settings, policies, addresses)


async def subject_of(connection: Connection, subject: UUID | None, login_id: str | None) -> UUID:
    """The registered person that the options name. Raises `typer.BadParameter` for none, for two ways, for nobody."""
    if (subject is None) == (login_id is None):
        raise typer.BadParameter("name the person by either --subject or --login-id")
    if login_id is not None:
        found = await with_login(connection, login_id)
        if found is None:
            raise typer.BadParameter(f"nobody here has the login id `{login_id}`; check its spelling")
        return found
    if subject is None or subject not in await known(connection, (subject,)):
        raise typer.BadParameter(f"nobody here has the id `{subject}`; register them with `sekisho import`")
    return subject


def confirmed(question: str, *, yes: bool) -> None:
    """Ask before something is done. Raises `typer.Exit` with code 2 when the answer is no."""
    if not yes and not typer.confirm(question):
        typer.echo("nothing was done", err=True)
        raise typer.Exit(2)
