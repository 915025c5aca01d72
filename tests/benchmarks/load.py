"""Load: `wrk` on the database's core, sixteen connections in a closed loop, and what it cost to answer."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.asking import Asking
from benchmarks.consumption import milliseconds, settle
from benchmarks.serving import Served
from benchmarks.workshop import Workshop

CONNECTIONS = 16
_FEWEST_REQUESTS = 100
_LONGEST_SECONDS = 20
"""A slow server gets more time, so that it answers about so many requests."""

_SCRIPT = Path(__file__).with_name("wrk.lua")


class LoadFailed(Exception):  # noqa: N818 - a verdict, with what to do
    """The load generator could not run, or answers failed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request cost: processor milliseconds of server and database, and latency in milliseconds."""

    server: float
    database: float
    p50: float
    p99: float
    per_second: float

    @property
    def both(self) -> float:
        """Server and database together."""
        return self.server + self.database


def warm_up(workshop: Workshop, server: Served, asking: Asking) -> None:
    """Two seconds of load that nobody counts, so that compilers and caches have seen the work."""
    _wrk(workshop, server, asking, 2)


def measure(workshop: Workshop, server: Served, asking: Asking, seconds: float) -> Cost:
    """The cost of one run, after a second of warming up. Raises `LoadFailed` when any answer was not data."""
    warm = _wrk(workshop, server, asking, 1)
    seconds = max(seconds, min(_LONGEST_SECONDS, _FEWEST_REQUESTS / max(warm["requests"], 1)))
    settle(server.pid, workshop.postmaster)
    before = milliseconds(server.pid), milliseconds(workshop.postmaster)
    told = _wrk(workshop, server, asking, seconds)
    settle(server.pid, workshop.postmaster)
    after = milliseconds(server.pid), milliseconds(workshop.postmaster)
    if not told["requests"]:
        raise LoadFailed(f"`{server.name}` answered nothing in {seconds:g} seconds; give it more with `--seconds`")
    handled = told["requests"] + CONNECTIONS  # those cut off at the end were served all the same
    return Cost(
        (after[0] - before[0]) / handled,
        (after[1] - before[1]) / handled,
        told["p50"],
        told["p99"],
        told["requests"] / (told["microseconds"] / 1e6),
    )


def _wrk(workshop: Workshop, server: Served, asking: Asking, seconds: float) -> dict[str, float]:
    core = str(workshop.cores.database)
    how = ("-t", "1", "-c", str(CONNECTIONS), "-d", f"{round(seconds)}s", "--timeout", "60s")
    command = ("taskset", "-c", core, "wrk", *how, "-s", str(_SCRIPT), server.address)
    given = {"BODIES": str(asking.bodies), "HEADERS": str(asking.headers), "SEED": str(os.getpid())}
    try:
        done = subprocess.run(command, env={**os.environ, **given}, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise LoadFailed(f"`{error.filename}` is missing; install `wrk` and `util-linux`") from error
    found = re.search(r"^RESULT (.*)$", done.stdout, re.MULTILINE)
    if found is None:
        raise LoadFailed(f"wrk said nothing of `{server.name}`: {done.stdout}{done.stderr}")
    told: dict[str, float] = json.loads(found[1])
    if told["failures"]:
        raise LoadFailed(f"`{server.name}` failed {told['failures']:.0f} of {told['requests']:.0f} times; read its log")
    return told
