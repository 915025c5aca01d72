"""A way that is wrong in one place is found out, and shown by a question that a person can read."""

from collections.abc import Callable
from itertools import count

import broken_ways as broken
import pytest
from broken_ways import BrokenWay
from engines import oracle, resolver
from graphql import FieldNode, parse, visit
from graphql.language import Visitor
from operations import questions
from shrinking import shrunk, told
from ways import Difference, Minted, Ways

from databases import Database
from sekisho.disclosure.record import LogRow

SEEDS = range(300)
MOST_FIELDS = 7
_NUMBERS = count(1)  # the log keeps every row, so nobody asks under a number of somebody else's


@pytest.mark.parametrize("wrong", [broken.spells_a_whole_number_like_python, broken.loses_a_path])
async def test_one_wrong_place_in_an_answer_is_seen(
    wrong: Callable[[bytes], bytes], town_copies: tuple[Database, Database]
) -> None:
    difference = await _found(town_copies, reply=wrong)
    assert difference.what == "replied"
    shown = told(difference)
    for line in ("client:    ", "headers:   ", "report:    ", "variables: ", "expected:  200", "found:     200"):
        assert f"\n{line}" in shown


@pytest.mark.parametrize(
    "wrong",
    [broken.takes_a_stored_value_for_none, broken.counts_a_row_too_many, broken.names_another_acceptance],
)
async def test_one_wrong_place_in_a_record_is_seen(
    wrong: Callable[[LogRow], LogRow], town_copies: tuple[Database, Database]
) -> None:
    difference = await _found(town_copies, row=wrong)
    assert difference.what == "recorded"
    assert '"coordinate":' in told(difference) or '"consent":' in told(difference)


async def _found(copies: tuple[Database, Database], **wrong: Callable[..., object]) -> Difference:
    """The smallest question at which a broken way is found out."""
    one, other = copies
    minted = Minted()
    ways = Ways(oracle(one), BrokenWay(resolver(other, minted), other, minted, **wrong), asked=next(_NUMBERS) << 40)
    for seed in SEEDS:
        differences, _, _ = await ways.ask_all(questions(seed))
        if differences:
            found = await shrunk(differences[0], ways.difference)
            assert _fields(found.question.text) <= MOST_FIELDS, told(found)
            return found
    raise AssertionError("nothing was found out")


def _fields(text: str) -> int:
    class Count(Visitor):
        found = 0

        def enter_field(self, node: FieldNode, *_: object) -> None:
            self.found += 1

    counted = Count()
    visit(parse(text), counted)
    return counted.found
