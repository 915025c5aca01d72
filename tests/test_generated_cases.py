"""Generated cases are repeatable, reach every verdict, and no order of records changes one."""

import json
from collections import Counter

from hypothesis import given, settings

from case_strategies import cases
from generated_cases import generate
from hand_written_cases import Case
from reference_model import present, state, verdict
from reference_tables import RECIPIENTS


def test_generated_cases_are_repeatable_plain_json() -> None:
    for seed in range(200):
        made = generate(seed)
        assert made == generate(seed) == json.loads(json.dumps(made))


def test_generated_cases_reach_every_verdict() -> None:
    seen = Counter(tuple(verdict(generate(seed)).values())[1] for seed in range(4000))
    reasons = [
        "NOT_IN_POLICY",
        "UNCLASSIFIED",
        "THIRD_PARTY_SOURCED",
        "PAIRING",
        "NOT_NEEDED",
        "ERROR",
        "CLOSED",
        "MINOR",
        "AGE_UNVERIFIED",
        "PROCESSING_RESTRICTED",
        "NO_ACCEPTANCE",
        "VERSION_NOT_ACCEPTED",
        "WITHDRAWN",
        "OBJECTED",
        "THIRD_PARTY_PROVISION_STOPPED",
        "NOT_LINKED",
        "THIRD_PARTY_SOURCE_CONSENT_MISSING",
        "NO_PARTICIPATION",
    ]
    assert set(seen) == {*reasons, "FULL", "YEAR", "BAND", "MASK"}
    assert min(seen.values()) >= 4
    assert {generate(seed)["request"]["recipient"] for seed in range(4000)} == set(RECIPIENTS)


@settings(max_examples=200, deadline=None)
@given(cases())
def test_the_order_of_records_does_not_matter(drawn: Case) -> None:
    turned = drawn | {"events": drawn["events"][::-1], "versions": drawn["versions"][::-1]}
    assert (verdict(drawn), state(drawn)) == (verdict(turned), state(turned))


@settings(max_examples=100, deadline=None)
@given(cases())
def test_who_is_shown_anything_without_a_datum_is_present(drawn: Case) -> None:
    asked = {name: part for name, part in drawn["request"].items() if name != "datum"}
    if verdict(drawn | {"request": asked})["verdict"] == "PERMIT":
        assert present(drawn)
