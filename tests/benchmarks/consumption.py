"""Processor time of a process and everything it started, from `/proc`."""

import os
import time
from pathlib import Path

from benchmarks.workshop import children

_TICK_MILLISECONDS = 1000 / os.sysconf("SC_CLK_TCK")
_SETTLED_SECONDS = 0.15


def milliseconds(pid: int) -> float:
    """What `pid` and its living descendants have used, and what their ended children had."""
    return sum(map(_ticks, (pid, *children(pid)))) * _TICK_MILLISECONDS


def settle(*pids: int) -> None:
    """Wait until they have finished what an ended run left in flight."""
    before = -1.0
    while (now := sum(map(milliseconds, pids))) != before:
        before = now
        time.sleep(_SETTLED_SECONDS)


def _ticks(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(map(int, stat.rpartition(")")[2].split()[11:15]))  # utime, stime and those of ended children
