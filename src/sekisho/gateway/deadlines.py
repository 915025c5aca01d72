"""A deadline for each of many requests, and one timer for all of them."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

Awaited = TypeVar("Awaited")


class Deadline:
    """Gives whatever is awaited through it `seconds`, as `asyncio.timeout` does.

    A timer of its own for each request costs more than all else that this gateway does with a head. All have the same
    time here, so that who began first is due first, and one timer for the first is enough.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due: dict[asyncio.Task[Any], float] = {}
        self._overdue: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def of(self, awaitable: Awaitable[Awaited]) -> Awaited:
        """What `awaitable` gives. Raises `TimeoutError` when that takes too long; it is cancelled then.

        A task awaits through one deadline once at a time.
        """
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline ends tasks; await it in one")
        cancelled_before = task.cancelling()
        self._begin(task)
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            if task in self._overdue and task.cancelling() <= cancelled_before + 1:
                raise TimeoutError from error
            raise
        finally:
            self._end(task)

    def _begin(self, task: asyncio.Task[Any]) -> None:
        loop = task.get_loop()
        if loop is not self._loop:  # another loop's timer will not ring for this one
            self._loop, self._timer = loop, None
        due = loop.time() + self._seconds
        self._due[task] = due
        if self._timer is None:
            self._timer = loop.call_at(due, self._end_overdue, loop)

    def _end(self, task: asyncio.Task[Any]) -> None:
        if self._due.pop(task, None) is None:
            self._overdue.remove(task)
            task.uncancel()

    def _end_overdue(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        while self._due:
            task, due = next(iter(self._due.items()))
            if due > loop.time():
                self._timer = loop.call_at(due, self._end_overdue, loop)
                return
            del self._due[task]
            self._overdue.add(task)
            task.cancel()
