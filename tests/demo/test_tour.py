"""The tour: every promise is shown, and a broken one is called broken."""

from rich.console import Console

from sekisho.cli.demo import PROMISES, _verdict
from sekisho.demo.stage import Stage, serving
from sekisho.demo.tour import Stop, Tour


def test_the_tour_finds_every_promise_kept(stage: Stage) -> None:
    with serving(stage) as first, serving(stage) as second:
        stops = list(Tour(stage, first, second).stops())
    assert [stop.title for stop in stops if not stop.kept] == []
    assert {stop.promise for stop in stops} >= set(range(1, len(PROMISES) + 1))


def test_a_broken_promise_ends_the_check_with_an_error() -> None:
    kept = [Stop(number, "stop", None, None, (), kept=True, note="") for number in range(1, len(PROMISES) + 1)]
    quiet = Console(quiet=True)
    assert _verdict(quiet, kept) == 0
    assert _verdict(quiet, [*kept[1:], Stop(1, "stop", None, None, (), kept=False, note="")]) == 1
    assert _verdict(quiet, kept[1:]) == 1
