"""`sekisho demo`: the gateway with invented people; `--check` takes a tour of its promises."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.progress import Progress, TaskID
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from sekisho.cli.token import DataDir
from sekisho.demo.clients import APP, DEMO_RECIPIENTS
from sekisho.demo.stage import Stage, serving, staged
from sekisho.demo.standings import DemoStanding
from sekisho.demo.tour import Stop, Tour
from sekisho.gateway.listening import server_options
from sekisho.gateway.service import create_gateway
from sekisho.gateway.settings import Settings, read_settings

PROMISES = (
    "No purpose, no data.",
    "Every field asks.",
    "Undeclared fields do not build.",
    "Written, then told.",
    "Withdrawal is now.",
    "One decision.",
    "Anyone can check what is there.",
    "It says why.",
)
COMING = frozenset({7})
"""Promises of which only a part can be shown yet."""

_SHOWN_LINES = 24


def demo(
    people: Annotated[int, typer.Option(min=20, help="How many people to invent.")] = 300,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    seed: Annotated[int, typer.Option(help="The same seed invents the same people.")] = 1603,
    check: Annotated[bool, typer.Option("--check", help="Take the tour in a temporary place, and end.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Start a gateway with an embedded PostgreSQL and invented people.

    Example: sekisho demo --people 300 --port 8000
    """
    console = Console()
    if check:
        raise typer.Exit(_check(console, people, seed))
    with _set_up(console, data_dir or read_settings().data_dir, port, people, seed) as stage:
        _welcome(console, stage)
        app, options = create_gateway(stage.settings, stage.addresses), server_options(stage.settings)
        uvicorn.run(app, **options, log_level="error")


@contextmanager
def _set_up(console: Console, data_dir: Path, port: int, people: int, seed: int) -> Iterator[Stage]:
    with ExitStack() as stack:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("inventing people", total=people)
            told = partial(_told, bar, task)
            stage = stack.enter_context(staged(data_dir, port, people, seed, told))
        yield stage


def _told(bar: Progress, task: TaskID, done: int, _: int) -> None:
    bar.update(task, completed=done)


def _welcome(console: Console, stage: Stage) -> None:
    address = f"http://127.0.0.1:{stage.settings.port}"
    invented = stage.people
    told = f"{invented.written} people invented" if invented.written else f"{len(invented.people)} people, as before"
    usual = Settings.model_fields["data_dir"].get_default(call_default_factory=True)
    place = "" if stage.settings.data_dir == usual else f" --data-dir {stage.settings.data_dir}"
    command = f"{_program()}{place}"
    login = f" --login-id {invented.of(DemoStanding.ACCEPTED)[0].login_id}"
    clients = Table("client", "organisation", "recipient type", box=None, pad_edge=False)
    tokens = []
    for recipient in DEMO_RECIPIENTS:
        clients.add_row(recipient.client_id, recipient.name, recipient.recipient_type.value)
        tokens.append(f"{command} token {recipient.client_id}{login if recipient is APP else ''}")
    operation = "{ subjects(first: 2) { edges { node { attributes { birthDate age } account { email } } } } }"
    curl = (
        f"curl {address}/graphql -H 'Content-Type: application/json' \\\n"
        f'  -H "Authorization: Bearer $({tokens[0]})" \\\n'
        "  -H 'X-Purpose-Of-Use: RESEARCH_ACADEMIC' \\\n"
        f"""  -d '{{"query": "{operation}"}}'"""
    )
    where = Group(f"GraphQL   {address}/graphql", f"GraphiQL  {address}/graphiql", told)
    console.print(Panel(where, title="関所 sekisho"))
    console.print(clients)
    console.print("\nA token of each (an hour long):\n")
    console.print("\n".join(tokens), soft_wrap=True, markup=False, highlight=False)
    console.print("\nAsk a question from another terminal (Ctrl-C here ends the gateway):\n")
    console.print(curl, soft_wrap=True, markup=False, highlight=False)
    console.print("\nWhat was recorded, and why something is withheld:\n")
    console.print(f"{command} log show", soft_wrap=True, markup=False, highlight=False)
    console.print(f"{command} explain --help", soft_wrap=True, markup=False, highlight=False)


def _program() -> str:
    """How this program was called, so that what is printed can be pasted."""
    return "sekisho" if shutil.which("sekisho") else sys.argv[0]


def _check(console: Console, people: int, seed: int) -> int:
    """The tour in a temporary place. Returns the exit code: 0 when every promise was kept."""
    stops = []
    with (
        tempfile.TemporaryDirectory(prefix="sekisho-", ignore_cleanup_errors=True) as folder,
        _set_up(console, Path(folder), 0, people, seed) as stage,
        serving(stage) as first,
        serving(stage) as second,
    ):
        for stop in Tour(stage, first, second).stops():
            _show(console, stop)
            stops.append(stop)
    return _verdict(console, stops)


def _show(console: Console, stop: Stop) -> None:
    mark = "[bold green]kept[/]" if stop.kept else "[bold red]BROKEN[/]"
    about = f"{stop.promise}. {PROMISES[stop.promise - 1]}" if stop.promise else "a question"
    parts: list[Any] = []
    if stop.question is not None and stop.reply is not None:
        declared = " ".join(f"{name}: {value}" for name, value in stop.question.headers.items())
        parts += [Text(f"asked by {stop.question.client_id}  {declared}", style="dim")]
        parts += [
            Syntax(stop.question.operation, "graphql", theme="ansi_dark", background_color="default", word_wrap=True)
        ]
        parts += [Text(f"answer: HTTP {stop.reply.status}", style="dim"), _json(stop.reply.body.get("data"))]
        parts += [Text(f"refused: {error['extensions'].get('code')}: {error['message']}") for error in _errors(stop)]
        parts += [_withheld(stop)] if stop.reply.withheld else []
        parts += [Text(line, style="dim") for line in _recorded(stop)]
    parts.append(Text.from_markup(f"{mark}: {escape(stop.note)}"))
    console.print(Panel(Group(*parts), title=f"{stop.title} [dim]({about})[/]", title_align="left"))


def _errors(stop: Stop) -> list[dict[str, Any]]:
    return list(stop.reply.body.get("errors", ())) if stop.reply else []


def _json(data: Any) -> Any:
    if data is None:
        return Text("no data")
    lines = json.dumps(data, ensure_ascii=False, indent=1).splitlines()
    more = len(lines) - _SHOWN_LINES
    return Text("\n".join(lines[:_SHOWN_LINES] + ([f"... {more} more lines"] if more > 0 else [])))


def _withheld(stop: Stop) -> Table:
    table = Table("withheld", "code", "why", "people", box=None, pad_edge=False)
    for entry in stop.reply.withheld if stop.reply else ():
        reached = str(len(entry["paths"])) if "paths" in entry else "all"
        table.add_row(entry["coordinate"], entry["code"], entry["message"], reached)
    return table


def _recorded(stop: Stop) -> list[str]:
    if not stop.records:
        return ["no record: nothing left"]
    one = stop.records[0]
    released = ", ".join(sorted({field["coordinate"] for field in one["released"]})) or "nothing"
    outcome = one["outcome"] + (f" {one['refusal']}" if "refusal" in one else "")
    first = f"recorded: {len(stop.records)} record(s), {outcome}; the first: released {released}"
    reasons = sorted({f"{field['coordinate']} {field['reason']}" for field in one["withheld"]})
    return [first, f"          withheld {', '.join(reasons)}"] if reasons else [first]


def _verdict(console: Console, stops: list[Stop]) -> int:
    table = Table("", "promise", "stops", "", box=None, pad_edge=False)
    broken = [stop for stop in stops if not stop.kept]
    for number, promise in enumerate(PROMISES, 1):
        about = [stop for stop in stops if stop.promise == number]
        kept = bool(about) and all(stop.kept for stop in about)
        coming = " (records today; tree, checkpoints and proofs to come)" if number in COMING else ""
        table.add_row(str(number), promise + coming, str(len(about)), "kept" if kept else "[bold red]BROKEN[/]")
        broken += [] if about else [Stop(number, promise, None, None, (), kept=False, note="no stop shows it")]
    console.print(table)
    return 1 if broken else 0
