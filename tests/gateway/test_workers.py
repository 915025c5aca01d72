"""Several processes answer at one address; one that ends is replaced, and all end together."""

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from sekisho.gateway.issuer import local_issuer
from sekisho.gateway.journal import Journal
from sekisho.gateway.workers import Workers, WorkersFailed

PATIENCE_SECONDS = 30
QUESTION = {"query": "{ __typename }"}


def lives(process: int) -> bool:
    """Whether a process runs; one that ended and that nobody asked about does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def requests_counted(metrics: str) -> float:
    lines = httpx.get(metrics).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("sekisho_requests_total"))


@dataclass
class Served:
    """A running `sekisho serve` and the lines it wrote."""

    process: subprocess.Popen[bytes]
    token: str
    lines: list[dict[str, Any]] = field(default_factory=list)

    def read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.lines.append(orjson.loads(line) if line.startswith(b"{") else {"event": line.decode()})

    def told(self, event: str) -> list[dict[str, Any]]:
        return [line for line in list(self.lines) if line["event"] == event]

    def listening(self) -> dict[str, Any]:
        until(lambda: self.told("listening") or self.process.poll() is not None)
        assert self.told("listening"), self.lines
        return self.told("listening")[0]

    def answered_by(self) -> set[int]:
        return {line["process"] for line in self.told("request")}

    def ask(self, times: int = 6) -> list[httpx.Response]:
        """So many requests at once, each over a connection of its own."""

        address = f"{self.listening()['addresses'][0]}/graphql"
        headers = {"authorization": f"Bearer {self.token}", "connection": "close"}

        async def all_of_them() -> list[httpx.Response]:
            async with httpx.AsyncClient(headers=headers, timeout=PATIENCE_SECONDS, verify=False) as client:  # noqa: S501
                return await asyncio.gather(*(client.post(address, json=QUESTION) for _ in range(times)))

        return asyncio.run(all_of_them())

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def serving(folder: Path, *words: str, **settings: str) -> Iterator[Served]:
    issuer = local_issuer(folder / "keys", "sekisho")
    trusted = [issuer.settings.model_dump(mode="json")]
    environment = os.environ | {"SEKISHO_ISSUERS": json.dumps(trusted), "SEKISHO_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "sekisho.cli.main", "serve", "--port", "0", *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment | settings)
    served = Served(process, issuer.issue("nobody-yet"))
    reader = threading.Thread(target=served.read)
    reader.start()
    try:
        yield served
    finally:
        process.kill()
        process.wait()
        reader.join(PATIENCE_SECONDS)
        assert process.stderr
        process.stderr.close()


def test_two_workers_serve_one_address_and_outlive_one_another(embedded_folder: Path) -> None:
    with serving(embedded_folder, "--workers", "2", SEKISHO_METRICS_PORT="0") as served:
        listening = served.listening()
        assert listening["workers"] == 2
        until(lambda: served.ask() and len(served.answered_by()) == 2)
        first, second = served.answered_by()

        os.kill(first, signal.SIGKILL)
        assert {answer.json()["errors"][0]["extensions"]["code"] for answer in served.ask()} == {"CLIENT_UNKNOWN"}
        until(lambda: served.ask() and len(served.answered_by() - {first}) == 2)
        (ended,) = served.told("worker_ended")
        assert (ended["worker"], ended["code"]) == (first, -signal.SIGKILL)

        until(lambda: requests_counted(listening["metrics"]) == len(served.told("request")))

        workers = served.answered_by() | {second}
        postgres = int((embedded_folder / "postgres/cluster/postmaster.pid").read_text("utf-8").split()[0])
        assert lives(postgres)
        assert served.end() == 0
        assert not any(map(lives, [*workers, postgres]))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_process_ends_with_its_database(embedded_folder: Path, number: int) -> None:
    with serving(embedded_folder) as served:
        assert served.listening()["workers"] == 1
        served.ask(1)
        until(lambda: served.answered_by() == {served.process.pid})
        postgres = int((embedded_folder / "postgres/cluster/postmaster.pid").read_text("utf-8").split()[0])

        assert served.end(number) == 0
        assert not lives(postgres)


def waits(_: Sequence[socket.socket], listening: Callable[[], None]) -> None:
    listening()
    signal.pause()


def fails(_: Sequence[socket.socket], __: Callable[[], None]) -> None:
    sys.exit(3)


def test_a_worker_that_cannot_start_ends_them_all() -> None:
    written, forgotten = io.BytesIO(), list[int]()
    with pytest.raises(WorkersFailed, match="read above why"):
        Workers(fails, [], 2, Journal(written), forgotten.append).run(lambda: None)

    assert orjson.loads(written.getvalue().splitlines()[0])["code"] == 3
    assert forgotten


def test_workers_do_not_outlive_their_parent() -> None:
    program = (
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_workers import waits\n"
        "from sekisho.gateway.journal import Journal\n"
        "from sekisho.gateway.workers import Workers\n"
        "workers = Workers(waits, [], 2, Journal(), print)\n"
        "if __name__ == '__main__':\n"
        "    workers.run(lambda: print(*(each.process.pid for each in workers._workers), flush=True))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        workers = [int(word) for word in parent.stdout.readline().split()]
        parent.kill()
    assert len(workers) == 2
    until(lambda: not any(map(lives, workers)))
