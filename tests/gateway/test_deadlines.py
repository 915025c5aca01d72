"""A deadline ends what takes too long exactly as `asyncio.timeout` does, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from sekisho.gateway.deadlines import Deadline

SECONDS = 0.03

Work = Callable[[], Awaitable[object]]


async def finishes() -> str:
    await asyncio.sleep(0)
    return "finished"


async def finishes_at_once() -> str:
    return "finished"


async def fails() -> None:
    raise LookupError


async def times_out_by_itself() -> None:
    raise TimeoutError


async def takes_too_long() -> None:
    await asyncio.Event().wait()


async def takes_too_long_and_fails_then() -> None:
    try:
        await asyncio.Event().wait()
    finally:
        raise LookupError


async def takes_no_cancellation() -> str:
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    return "finished all the same"


async def cleans_up_slowly() -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(SECONDS)


async def cancels_itself() -> None:
    raise asyncio.CancelledError


WORKS = [
    finishes,
    finishes_at_once,
    fails,
    times_out_by_itself,
    takes_too_long,
    takes_too_long_and_fails_then,
    takes_no_cancellation,
    cleans_up_slowly,
    cancels_itself,
]


async def by_the_library(work: Work) -> object:
    async with asyncio.timeout(SECONDS):
        return await work()


async def by_deadline(work: Work) -> object:
    return await Deadline(SECONDS).of(work())


async def outcome(run: Callable[[Work], Awaitable[object]], work: Work, cancelled_after: float | None) -> object:
    """What became of it, and how many cancellations its task still counts."""
    counted = 0

    async def counting() -> object:
        nonlocal counted
        task = asyncio.current_task()
        assert task
        try:
            return await run(work)
        finally:
            counted = task.cancelling()

    task = asyncio.create_task(counting())
    if cancelled_after is not None:
        await asyncio.sleep(cancelled_after)
        task.cancel()
    await asyncio.wait([task])
    if task.cancelled():
        return "cancelled", counted
    return type(task.exception()) if task.exception() else task.result(), counted


@pytest.mark.parametrize("cancelled_after", [None, 0.0, SECONDS / 3])
@pytest.mark.parametrize("work", WORKS)
async def test_a_deadline_does_what_the_library_does(work: Work, cancelled_after: float | None) -> None:
    expected = await outcome(by_the_library, work, cancelled_after)

    assert await outcome(by_deadline, work, cancelled_after) == expected


async def test_a_cancellation_after_the_deadline_stays_a_cancellation() -> None:
    deadline = Deadline(SECONDS)
    task = asyncio.create_task(deadline.of(cleans_up_slowly()))
    await asyncio.sleep(SECONDS * 1.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_only_those_who_take_too_long_are_ended() -> None:
    deadline = Deadline(0.06)

    async def for_seconds(seconds: float) -> object:
        try:
            return await deadline.of(asyncio.sleep(seconds, seconds))
        except TimeoutError:
            return "late"

    async def later(pause: float, seconds: float) -> object:
        await asyncio.sleep(pause)
        return await for_seconds(seconds)

    works = [later(number / 100, seconds) for number in range(5) for seconds in (0.0, 0.01, 5.0)]
    ended = await asyncio.gather(*works)

    assert ended == [0.0, 0.01, "late"] * 5
    assert not deadline._due
    assert not deadline._overdue


async def test_one_task_may_await_through_it_again_and_again() -> None:
    deadline = Deadline(0.05)
    for _ in range(4):
        await deadline.of(asyncio.sleep(0.03))
    with pytest.raises(TimeoutError):
        await deadline.of(asyncio.sleep(5))


def test_another_event_loop_has_its_deadlines_too() -> None:
    deadline = Deadline(SECONDS)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            asyncio.run(deadline.of(takes_too_long()))
    asyncio.run(deadline.of(finishes()))
    with pytest.raises(TimeoutError):
        asyncio.run(deadline.of(takes_too_long()))
