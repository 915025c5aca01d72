"""One gateway in several processes: one address, one database, and a worker that ends is replaced.

The parent listens, starts the workers and keeps their number; it answers nobody. Workers are started afresh, not
forked: they get the settings and the open sockets, and nothing else of the parent.
"""

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from threading import Thread
from types import FrameType

from sekisho.gateway.journal import Journal

GRACE_SECONDS = 15
"""How long a worker may take to finish its last answers."""

PAUSE_SECONDS = 1.0
"""How long nothing is started in place of a worker that could not start."""

Work = Callable[[Sequence[socket.socket], Callable[[], None]], None]
"""What a worker does until it is told to stop (SIGTERM): it serves on the sockets, and says when it listens."""

_LISTENING = "listening"
_SPAWN = multiprocessing.get_context("spawn")


class WorkersFailed(Exception):  # noqa: N818 - an event: the reason was said by the worker
    """Not one worker could start."""


class Worker:
    """One process. `told` is readable when the worker listens, and when it has ended."""

    def __init__(self, work: Work, sockets: Sequence[socket.socket]) -> None:
        self.told, telling = _SPAWN.Pipe(duplex=False)
        self.process: SpawnProcess = _SPAWN.Process(target=_run, args=(work, sockets, telling))
        self.listens = False
        self.process.start()
        telling.close()

    def hear(self) -> bool:
        """Whether it still lives. Call when `told` is readable."""
        try:
            self.listens = self.told.recv() == _LISTENING
        except EOFError:
            self.told.close()
            self.process.join()
            return False
        return True


class Workers:
    """Keeps `count` workers working until SIGTERM or SIGINT comes; `forget` is told each that ended before."""

    def __init__(
        self,
        work: Work,
        sockets: Sequence[socket.socket],
        count: int,
        journal: Journal,
        forget: Callable[[int], object],
    ) -> None:
        self._work = work
        self._sockets = sockets
        self._count = count
        self._journal = journal
        self._forget = forget
        self._workers: list[Worker] = []
        self._announced = False

    def run(self, announce: Callable[[], None]) -> None:
        """Return when all have stopped; `announce` is called once all listen.

        Raises `WorkersFailed` when one ends before that.
        """
        with _told_to_stop() as bell:
            try:
                self._start_missing()
                while bell not in (ready := wait([bell, *(worker.told for worker in self._workers)])):
                    lost = [each for each in self._workers if each.told in ready and not each.hear()]
                    self._replace(lost)
                    if not self._announced and all(worker.listens for worker in self._workers):
                        self._announced = True
                        announce()
            finally:
                self._stop()

    def _start_missing(self) -> None:
        while len(self._workers) < self._count:
            self._workers.append(Worker(self._work, self._sockets))

    def _replace(self, lost: list[Worker]) -> None:
        for worker in lost:
            self._workers.remove(worker)
            process, code = worker.process.pid or 0, worker.process.exitcode
            self._journal.worker_ended(worker=process, code=code or 0)
            self._forget(process)
        if lost and not self._announced:
            raise WorkersFailed("a worker could not start; read above why")
        if not all(worker.listens for worker in lost):
            time.sleep(PAUSE_SECONDS)
        self._start_missing()

    def _stop(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        due = time.monotonic() + GRACE_SECONDS
        for worker in self._workers:
            worker.process.join(max(0.0, due - time.monotonic()))
            worker.process.kill()
            worker.process.join()


@contextmanager
def _told_to_stop() -> Iterator[socket.socket]:
    """A socket that is readable once SIGTERM or SIGINT has come."""
    bell, ringing = socket.socketpair()
    ringing.setblocking(False)  # noqa: FBT003 - the library's signature
    before = {number: signal.signal(number, _noted) for number in (signal.SIGTERM, signal.SIGINT)}
    woken = signal.set_wakeup_fd(ringing.fileno())
    try:
        yield bell
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        bell.close()
        ringing.close()


def _noted(_number: int, _frame: FrameType | None) -> None:
    """The wake-up socket tells."""


def _run(work: Work, sockets: Sequence[socket.socket], telling: Connection) -> None:
    """The life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent stops its workers
    Thread(target=_leave_with_parent, daemon=True).start()
    work(sockets, lambda: telling.send(_LISTENING))


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        sys.exit("a worker is started by its parent; run `sekisho serve`")
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
