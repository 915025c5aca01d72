"""On what, and with which versions, something was measured."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.workshop import Workshop, fetch, run

_LIBRARIES = ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "asyncpg", "orjson")


def circumstances(workshop: Workshop, people: int) -> dict[str, Any]:
    """What a reader needs to judge the numbers. `load_average`: whether the machine did anything else."""
    server = run(fetch(workshop.urls.admin, "SHOW server_version"))[0][0]
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _said("git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--", "."),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "node": _said("node", "--version"),
        "postgresql": server,
        "libraries": {name: version(name) for name in _LIBRARIES},
        "node_packages": _node_packages(workshop),
        "people": people,
    }


def _said(*command: str, folder: Path | None = None) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _node_packages(workshop: Workshop) -> dict[str, str]:
    read = "const r = p => JSON.parse(require('fs').readFileSync(`node_modules/${p}/package.json`)).version;"
    told = "for (const p of ['mercurius', 'fastify', 'pg', 'graphql-jit']) console.log(p, r(p))"
    folder = workshop.folder / "node"
    said = _said("node", "-e", read + told, folder=folder)
    return dict(line.split(" ", 1) for line in said.splitlines())
