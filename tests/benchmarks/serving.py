"""Server processes, each pinned to one core, from their start until they answer, and until they end."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL

from benchmarks.workshop import Workshop

_PATIENCE_SECONDS = 60


class ServerSilent(Exception):  # noqa: N818 - a verdict, with where to look
    """A server does not answer; the message names its log."""


@dataclass(frozen=True, slots=True)
class Program:
    """How to start one server. It finds its port in `PORT` or in the variable `port_variable`."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    port_variable: str = "PORT"


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    name: str
    address: str
    pid: int


@contextmanager
def served(workshop: Workshop, programs: Sequence[Program]) -> Iterator[list[Served]]:
    """All of them, started together; they end with the block."""
    with ExitStack() as stack:
        running = [stack.enter_context(_running(workshop, program)) for program in programs]
        yield [_answering(*each) for each in running]


def database_variables(url: URL) -> dict[str, str]:
    """How peers find the database."""
    return {
        "DATABASE_HOST": str(url.query["host"]),
        "DATABASE_USER": str(url.username),
        "DATABASE_NAME": str(url.database),
    }


@contextmanager
def _running(workshop: Workshop, program: Program) -> Iterator[tuple[Program, subprocess.Popen[bytes], int, Path]]:
    port, log = _free_port(), workshop.place("logs") / f"{program.name}.log"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SEKISHO_")}
    environment = {**clean, **program.environment, program.port_variable: str(port)}
    pinned = ("taskset", "-c", str(workshop.cores.server), *program.command)
    with log.open("wb") as out:
        process = subprocess.Popen(pinned, env=environment, cwd=program.folder, stdout=out, stderr=out)
    try:
        yield program, process, port, log
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answering(program: Program, process: subprocess.Popen[bytes], port: int, log: Path) -> Served:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return Served(program.name, f"http://127.0.0.1:{port}/graphql", process.pid)
    raise ServerSilent(f"`{program.name}` does not answer; read `{log}`")


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port
