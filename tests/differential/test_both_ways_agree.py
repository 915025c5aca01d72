"""The compiled way answers and records what the resolvers do, byte for byte."""

import pytest
from operations import questions
from shrinking import shrunk, told
from ways import Ways

BATCHES = 64
OPERATIONS_IN_A_BATCH = 8
QUESTIONS_AT_LEAST = 5_000


def test_there_are_enough_questions() -> None:
    assert sum(len(questions(seed)) for seed in range(BATCHES * OPERATIONS_IN_A_BATCH)) >= QUESTIONS_AT_LEAST


@pytest.mark.parametrize("batch", range(BATCHES))
async def test_both_ways_give_the_same_answer_and_the_same_records(batch: int, ways: Ways) -> None:
    first = batch * OPERATIONS_IN_A_BATCH
    asked = [each for seed in range(first, first + OPERATIONS_IN_A_BATCH) for each in questions(seed)]
    differences, _, _ = await ways.ask_all(asked)
    assert not differences, told(await shrunk(differences[0], ways.difference))
