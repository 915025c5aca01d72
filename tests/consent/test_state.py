"""Equal states are one profile: their text says all that decides, and nothing else (S4)."""

import json

import pytest

from generated_cases import generate
from judged import JUDGE
from sekisho.consent.records import Scope
from sekisho.consent.state import Acceptance, Deny, Evidence, Standing, SubjectState
from sekisho.vocabulary import AccountState, AgeStatus, DataCategory, EventKind, Purpose

SALES = Scope(purposes=frozenset({Purpose.SALES, Purpose.MARKETING}))
FULL = SubjectState(
    closed=True,
    age=AgeStatus.ADULT,
    processing_restricted=True,
    third_party_stopped=True,
    acceptance=Acceptance("2022-09", Scope(frozenset({DataCategory.ACCOUNT}))),
    denies=frozenset({Deny(EventKind.WITHDRAWAL, SALES), Deny(EventKind.OBJECTION, SALES)}),
    linked=frozenset({"GOOGLE_FIT", "APPLE_HEALTH"}),
    third_party_sources=frozenset({"からだ病院"}),
    error=True,
)


def test_a_state_is_spelled_in_one_way() -> None:
    assert FULL.canonical() == (
        '{"acceptance":{"scope":{"categories":["ACCOUNT"]},"version":"2022-09"},"age":"ADULT","closed":true,'
        '"denies":[["OBJECTION",{"purposes":["MARKETING","SALES"]}],["WITHDRAWAL",{"purposes":["MARKETING","SALES"]}]],'
        '"error":true,"linked":["APPLE_HEALTH","GOOGLE_FIT"],"processing_restricted":true,'
        '"third_party_sources":["からだ病院"],"third_party_stopped":true}'
    )
    assert SubjectState().canonical() == (
        '{"age":"AGE_UNVERIFIED","closed":false,"denies":[],"error":false,"linked":[],"processing_restricted":false,'
        '"third_party_sources":[],"third_party_stopped":false}'
    )


def test_a_state_survives_being_written() -> None:
    for state in (FULL, SubjectState(), SubjectState(acceptance=Acceptance("v"))):
        assert SubjectState.from_canonical(state.canonical()) == state


def test_states_of_generated_people_survive_and_no_two_are_spelled_alike() -> None:
    states = {JUDGE.read(generate(seed)).standing.state for seed in range(2_000)}
    assert {SubjectState.from_canonical(state.canonical()) for state in states} == states
    assert len({state.canonical() for state in states}) == len(states)


def test_a_state_holds_no_ids_and_no_times() -> None:
    for seed in range(500):
        case = JUDGE.read(generate(seed))
        text = case.standing.state.canonical()
        assert not any(f'"{event.id}"' in text for event in case.events)
        assert set(json.loads(text)) <= {
            *("acceptance", "age", "closed", "denies", "error", "linked", "processing_restricted"),
            *("third_party_sources", "third_party_stopped"),
        }


@pytest.mark.parametrize("text", ["{}", "[]", "", '{"age":"OLD"}'])
def test_another_text_is_no_state(text: str) -> None:
    with pytest.raises((ValueError, KeyError, AttributeError)):
        SubjectState.from_canonical(text)


def test_evidence_survives_being_written() -> None:
    evidence = Evidence("a", ("w", "x"), ("r",), ("l",))
    assert evidence.to_json() == {"acceptance": "a", "denies": ["w", "x"], "restrictions": ["r"], "grants": ["l"]}
    assert Evidence.from_json(evidence.to_json()) == evidence


def test_only_an_active_account_can_be_used() -> None:
    usable = {state for state in AccountState if Standing(SubjectState(), account_state=state).can_use}
    assert usable == {AccountState.ACTIVE}
