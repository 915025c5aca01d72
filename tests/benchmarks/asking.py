"""What is asked of one server, in files that the load generator reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Asking:
    """Two files: request bodies, one per line and one of them each time; headers, one per line."""

    bodies: Path
    headers: Path


def write_asking(workshop: Workshop, name: str, headers: Mapping[str, str], bodies: Sequence[bytes]) -> Asking:
    """Both files, under `name`."""
    folder = workshop.place("asking")
    asking = Asking(folder / f"{name}.bodies", folder / f"{name}.headers")
    asking.bodies.write_bytes(b"\n".join(bodies) + b"\n")
    asking.headers.write_text("".join(f"{each}: {told}\n" for each, told in headers.items()), encoding="ascii")
    return asking
