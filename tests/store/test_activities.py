"""Activities are registered once, under a key that tells their kind."""

import pytest

from databases import Database
from sekisho.policy.document import Label
from sekisho.store.activities import Activity, ActivityRefused, all_activities, ensure_activity

STUDY = Activity("CLINICAL_RESEARCH:sleep", Label("睡眠の研究", "Sleep study"), sensitive=True)


async def test_an_activity_stays_as_it_was_first_registered(database: Database) -> None:
    async with database.operator.begin() as connection:
        assert await ensure_activity(connection, STUDY) == STUDY
        changed = Activity(STUDY.key, Label("別名", "Another"), sensitive=False)
        assert await ensure_activity(connection, changed) == STUDY
    async with database.gateway.connect() as connection:
        assert await all_activities(connection) == (STUDY,)
        assert STUDY.kind == "CLINICAL_RESEARCH"


@pytest.mark.parametrize("key", ["sleep", "STUDY:sleep", "SURVEY:", "SURVEY: ", ""])
async def test_a_key_that_tells_no_kind_or_no_name_is_refused(database: Database, key: str) -> None:
    async with database.operator.begin() as connection:
        with pytest.raises(ActivityRefused, match="is no activity key"):
            await ensure_activity(connection, Activity(key, STUDY.title, sensitive=False))
