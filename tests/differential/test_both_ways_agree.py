"""The compiled way answers and records what the resolvers do, byte for byte."""

import pytest
from operations import questions
from shrinking import shrunk, told
from ways import Ways

BATCHES = 50
OPERATIONS_IN_A_BATCH = 25


@pytest.mark.parametrize("batch", range(BATCHES))
async def test_both_ways_give_the_same_answer_and_the_same_records(batch: int, ways: Ways) -> None:
    first = batch * OPERATIONS_IN_A_BATCH
    asked = [each for seed in range(first, first + OPERATIONS_IN_A_BATCH) for each in questions(seed)]
    differences, _, _ = await ways.ask_all(asked)
    assert not differences, told(await shrunk(differences[0], ways.difference))
