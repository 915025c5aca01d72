"""The sample recipients, and the lenses a recipient may ask through."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from databases import Database
from sekisho.declaration import Admission, Declaration, Recipient, Refused, admit, judge, lenses_of
from sekisho.demo.clients import ANALYTICS, DEMO_RECIPIENTS, register_demo_clients
from sekisho.policy.document import Policies
from sekisho.policy.lens import Lens
from sekisho.policy.load import shipped_policy
from sekisho.store.profiles import registered_lenses
from sekisho.store.recipients import list_recipients
from sekisho.vocabulary import DisclosurePurpose, Purpose, RecipientType

ALL = Admission(enabled=frozenset(DisclosurePurpose))
EVERYTHING = [
    replace(
        ANALYTICS,
        recipient_type=kind,
        purposes=frozenset(Purpose),
        disclosure_purposes=frozenset(DisclosurePurpose),
    )
    for kind in RecipientType
]
LITTLE = [
    replace(
        ANALYTICS,
        recipient_type=kind,
        purposes=frozenset({Purpose.MONITOR_TRIAL_EXECUTION, Purpose.OTHER_BUSINESS_ACTIVITY}),
        disclosure_purposes=frozenset({DisclosurePurpose.DATA_STORAGE, DisclosurePurpose.LEGAL_CLAIMS}),
    )
    for kind in RecipientType
]


def judged(recipient: Recipient) -> set[Lens]:
    """Every lens that any declaration at all yields."""
    words = ([None, *Purpose], [None, *DisclosurePurpose], [None, *Purpose], [None, "a"], [None, "b"])
    found = set()
    for purpose, disclosure, serves, study, reference in product(*words):
        said = Declaration(purpose, disclosure, None, reference, serves, study)
        try:
            found.add(judge(said, recipient, ALL).lens)
        except Refused:
            continue
    return found


@pytest.mark.parametrize(
    "recipient", [*DEMO_RECIPIENTS, *LITTLE], ids=lambda each: f"{each.client_id} {each.recipient_type}"
)
def test_the_lenses_of_a_recipient_are_exactly_those_a_declaration_can_yield(recipient: Recipient) -> None:
    assert judged(recipient) == lenses_of(recipient)


@pytest.mark.parametrize("recipient", EVERYTHING, ids=lambda each: each.recipient_type)
def test_a_recipient_entitled_to_everything_has_no_lens_of_a_bare_parent(recipient: Recipient) -> None:
    lenses = lenses_of(recipient)
    bare = {Purpose.TRIAL_CLINICAL_RECRUITMENT, Purpose.OTHER_BUSINESS_ACTIVITY}
    assert lenses
    assert not {each.purpose for each in lenses} & bare
    assert {each.serves is not None for each in lenses if each.purpose is Purpose.INCIDENTAL} <= {True}


async def test_the_sample_recipients_are_registered_once_with_all_their_lenses(database: Database) -> None:
    policies = Policies((shipped_policy(),))
    for _ in range(2):
        async with database.operator.begin() as connection:
            await register_demo_clients(connection, policies)
    async with database.operator.connect() as connection:
        assert set(await list_recipients(connection)) == set(DEMO_RECIPIENTS)
        assert set(await registered_lenses(connection)) == set().union(*map(lenses_of, DEMO_RECIPIENTS))


@pytest.mark.parametrize("recipient", DEMO_RECIPIENTS, ids=lambda each: each.client_id)
def test_a_sample_recipient_is_named_and_admitted(recipient: Recipient) -> None:
    assert admit(recipient, datetime(2026, 1, 1, tzinfo=UTC), Admission()) is recipient
    assert recipient.name
    assert recipient.name_en
    assert recipient.address
    assert recipient.representative
    assert recipient.contract_reference
