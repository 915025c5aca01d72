"""Who is measured: the gateway in each of its modes, and the peers."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loading import CLIENT
from benchmarks.serving import Program, database_variables
from benchmarks.workloads import PURPOSE, RECIPIENT_TYPE
from benchmarks.workshop import AUDIENCE, Workshop
from sekisho.gateway.settings import PREFIX, Settings
from sekisho.store.embedded import Urls

PEERS = Path(__file__).parent / "peers"
DIRECTIVE = f"@purpose(is: {PURPOSE}) "
REFERENCE = "mercurius"
"""Whose cost is the unit of the ratios: the fastest GraphQL server among the governed peers."""

_DEADLINE_SECONDS = "60"  # sixteen connections queue on one core; what is measured is the work, not the patience


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server. `ours`: the gateway. `governed`: it checks consent and records before it answers."""

    program: Program
    title: str
    governed: bool
    ours: bool = False

    @property
    def name(self) -> str:
        """Its short name."""
        return self.program.name


def gateways(workshop: Workshop, urls: Urls) -> Iterator[Contestant]:
    """The gateway as served by default, and field by field where a setting chooses."""
    environment = gateway_environment(workshop, urls)
    if "execution" not in Settings.model_fields:
        yield Contestant(_gateway("sekisho", environment), "sekisho", governed=True, ours=True)
        return
    yield Contestant(_gateway("sekisho", environment), "sekisho", governed=True, ours=True)
    field_by_field = {**environment, f"{PREFIX}EXECUTION": "resolvers"}
    program = _gateway("sekisho-resolvers", field_by_field)
    yield Contestant(program, "sekisho, a resolver per field", governed=True, ours=True)


def gateway_environment(workshop: Workshop, urls: Urls) -> dict[str, str]:
    """The settings of a gateway on this database. Its keys are the workshop's: a cursor fits every database of it."""
    issuer = workshop.issuer.settings.model_dump_json()
    return {
        f"{PREFIX}DATABASE_URL": urls.gateway.render_as_string(hide_password=False),
        f"{PREFIX}KEY_DIR": str(workshop.place("gateway-keys")),
        f"{PREFIX}ISSUERS": f"[{issuer}]",
        f"{PREFIX}AUDIENCE": AUDIENCE,
        f"{PREFIX}REQUEST_DEADLINE_SECONDS": _DEADLINE_SECONDS,
        f"{PREFIX}STATEMENT_DEADLINE_SECONDS": _DEADLINE_SECONDS,
    }


def peers(workshop: Workshop, urls: Urls) -> Iterator[Contestant]:
    """Everybody else, on the same database."""
    database = database_variables(urls.owner)
    python = {**database, "PYTHONPATH": f"{PEERS.parents[1]}"}
    node = {**database, "NODE_ENV": "production", "PEERS": str(PEERS)}
    script = install_node_packages(workshop)
    yield Contestant(_python("strawberry-bare", "strawberry_bare", python), "Strawberry, not governed", governed=False)
    yield Contestant(_python("handwritten", "handwritten", python), "hand-written endpoint", governed=True)
    for mode, governed in (("bare", False), ("governed", True)):
        name = REFERENCE if governed else f"{REFERENCE}-bare"
        program = Program(name, ("node", str(script)), {**node, "MODE": mode}, script.parent)
        yield Contestant(program, "Mercurius + JIT" + ("" if governed else ", not governed"), governed)
    yield from _bare_statements(python)


def headers(contestant: Contestant, workshop: Workshop) -> dict[str, str]:
    """What each request to it says besides its body."""
    if contestant.ours:
        return {
            "Authorization": f"Bearer {workshop.token(CLIENT.client_id)}",
            "Accept": "application/graphql-response+json",
            "Content-Type": "application/json",
        }
    return {
        "X-Purpose-Of-Use": PURPOSE,
        "X-Recipient-Type": RECIPIENT_TYPE,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }


def install_node_packages(workshop: Workshop) -> Path:
    """The Mercurius peer in a folder with its packages, fetched by npm the first time. Returns the script."""
    folder = workshop.place("node")
    for name in ("package.json", "mercurius.mjs"):
        shutil.copy(PEERS / name, folder / name)
    if not (folder / "node_modules").exists():
        install = ("npm", "install", "--no-audit", "--no-fund")
        subprocess.run(install, cwd=folder, check=True)
    return folder / "mercurius.mjs"


def _bare_statements(environment: dict[str, str]) -> Iterator[Contestant]:
    """The gateway's own statement, not governed, once its texts are there: see `peers/bare_statement.py`."""
    if any((PEERS / "sql" / "bare").glob("*.sql")):
        program = _python("bare-statement", "bare_statement", environment)
        yield Contestant(program, "its statement, not governed", governed=False)


def _gateway(name: str, environment: dict[str, str]) -> Program:
    command = (sys.executable, "-m", "sekisho.cli.main", "serve")
    return Program(name, command, environment, port_variable=f"{PREFIX}PORT")


def _python(name: str, module: str, environment: dict[str, str]) -> Program:
    return Program(name, (sys.executable, "-m", f"benchmarks.peers.{module}"), environment)
