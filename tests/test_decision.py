"""The decision against the reference model, on generated cases: verdicts, states, presence, masks, timelines."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from case_strategies import cases
from generated_cases import generate
from judged import ACTIVITY, JUDGE, SOURCES
from reference_model import present as reference_present
from reference_model import state as reference_state
from reference_model import verdict
from sekisho.consent.fold import fold, timeline
from sekisho.consent.state import Standing, SubjectState
from sekisho.decision import Datum, Permitted, decide, explain, mask, present, shown_as, static_refusal
from sekisho.judging import Case
from sekisho.vocabulary import DataCategory, RecipientType, SourceKind

SEEDS, CHUNK = 100_000, 10_000
STATIC = {"NOT_IN_POLICY", "UNCLASSIFIED", "THIRD_PARTY_SOURCED", "PAIRING", "NOT_NEEDED"}
TICK = timedelta(microseconds=1)


def assert_agreement(drawn: dict[str, Any], name: str = "") -> None:
    expected, answer = verdict(drawn), JUDGE.answer(drawn)
    if not expected.items() <= answer.items():
        pytest.fail(f"{name} the reference says {expected}, the product {answer} of {json.dumps(drawn)}")
    if answer["verdict"] == "DENY" and answer["gates"][0]["reason"] != answer["reason"]:
        pytest.fail(f"{name} the first gate that refuses is not the verdict's: {answer} of {json.dumps(drawn)}")


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_the_decision_agrees_with_the_reference_model(first: int) -> None:
    for seed in range(first, first + CHUNK):
        assert_agreement(generate(seed), f"seed {seed}:")


@settings(max_examples=300, deadline=None)
@given(cases())
def test_the_decision_agrees_with_the_reference_model_on_the_simplest_case_too(drawn: dict[str, Any]) -> None:
    assert_agreement(drawn)
    assert spelled(JUDGE.read(drawn).standing) == reference_state(drawn)


def test_states_equal_those_of_the_reference_model() -> None:
    for seed in range(6_000):
        drawn = generate(seed)
        assert spelled(JUDGE.read(drawn).standing) == reference_state(drawn), seed


def test_who_is_present_agrees_with_the_reference_model() -> None:
    for seed in range(3_000):
        drawn = generate(seed)
        case = JUDGE.read(drawn)
        assert present(case.rules, case.request, case.standing) == reference_present(drawn), seed


def test_what_is_static_is_what_decide_refuses_whoever_it_is_about() -> None:
    for seed in range(5_000):
        case = JUDGE.read(generate(seed))
        refusal = static_refusal(case.rules, case.request)
        for standing in (case.standing, None, Standing(SubjectState())):
            decision = decide(case.rules, case.request, standing)
            if refusal is None:
                assert isinstance(decision, Permitted) or decision.reason not in STATIC, seed
            else:
                assert not isinstance(decision, Permitted), seed
                assert decision.reason is refusal, seed


def test_an_item_is_announced_as_it_is_shown() -> None:
    for seed in range(5_000):
        case = JUDGE.read(generate(seed))
        shown, decision = shown_as(case.rules, case.request), decide(case.rules, case.request, case.standing)
        assert (shown is None) == (static_refusal(case.rules, case.request) is not None), seed
        assert not isinstance(decision, Permitted) or decision.transform is shown, seed


def test_explain_tells_what_decide_decides() -> None:
    for seed in range(5_000):
        case = JUDGE.read(generate(seed))
        told = [finding.reason for finding in explain(case.rules, case.request, case.standing) if finding.reason]
        decision = decide(case.rules, case.request, case.standing)
        assert told[:1] == ([] if isinstance(decision, Permitted) else [decision.reason]), seed


@pytest.mark.parametrize("first", [0, 600])
def test_masks_say_what_decide_says_item_by_item_and_source_by_source(first: int) -> None:
    for seed in range(first, first + 600):
        case = JUDGE.read(generate(seed))
        state = case.standing.state
        bits = mask(case.rules, case.request.lens, state, SOURCES, case.request)
        expected = {
            (item.id, source.bit): decides(case, item.id, source.kind, source.name)
            for item in (case.rules.current.items if case.rules.current else ())
            for source in SOURCES
        }
        assert expected == {
            (item, bit): bool(bits.items >> bit_of(case, item) & bits.sources >> bit & 1)
            and not of_another_service(case, bit)
            for item, bit in expected
        }, seed


def test_without_a_case_or_a_desk_a_mask_is_the_same_for_all_clients_of_a_lens() -> None:
    for seed in range(300):
        case = JUDGE.read(generate(seed))
        if case.request.override is None and not case.request.handling:
            told = (case.rules, case.request.lens, case.standing.state, SOURCES)
            assert mask(*told) == mask(*told, case.request), seed


def decides(case: Case, item: str, kind: SourceKind, name: str) -> bool:
    """Whether a value of this source is released to a participant."""
    current = case.rules.current
    newly = current is not None and current.item(item).category is DataCategory.NEWLY_ACQUIRED
    datum = Datum(kind, name or None, ACTIVITY if newly else None)
    standing = Standing(case.standing.state, frozenset({ACTIVITY}))
    return isinstance(
        decide(case.rules, replace(case.request, item=item, datum=datum, study=None), standing), Permitted
    )


def of_another_service(case: Case, bit: int) -> bool:
    """What the reach of a data linkage partner leaves out besides, unless a case opens it."""
    request, source = case.request, SOURCES[bit]
    partner = request.lens.recipient_type is RecipientType.DATA_LINKAGE_PARTNER and request.override is None
    return partner and source.kind is SourceKind.LINKED_APP and source.name != request.own_service


def bit_of(case: Case, item: str) -> int:
    assert case.rules.current
    return case.rules.current.item(item).bit


def test_order_of_records_does_not_matter() -> None:
    """S3.2."""
    for seed in range(3_000):
        case = JUDGE.read(generate(seed))
        turned = Random(seed).sample(case.events, len(case.events))  # noqa: S311 - a shuffle, not a secret
        assert fold(turned, case.facts, case.rules.policies, case.at) == case.standing, seed


def test_duplicates_change_nothing() -> None:
    """S3.2."""
    for seed in range(3_000):
        case = JUDGE.read(generate(seed))
        assert fold(case.events * 2, case.facts, case.rules.policies, case.at) == case.standing, seed


def test_timeline_equals_fold_at_every_instant() -> None:
    """S4: at every cut, a microsecond around it, and at instants in between."""
    for seed in range(1_000):
        case = JUDGE.read(generate(seed))
        told = (case.events, case.facts, case.rules.policies)
        line = timeline(*told)
        for at in instants(case, seed):
            found = [
                each
                for each in line
                if (each.valid_from or at) <= at and (not each.valid_until or at < each.valid_until)
            ]
            assert [each.standing for each in found] == [fold(*told, at)], (seed, at)
        assert [each.valid_from for each in line[1:]] == [each.valid_until for each in line[:-1]]
        assert line[0].valid_from is line[-1].valid_until is None
        assert all(one.standing != other.standing for one, other in pairwise(line))


def instants(case: Case, seed: int) -> set[datetime]:
    """Every instant that a case knows, those around them, the far ends, and some by chance."""
    known = {case.at, *(version.effective_from for version in case.rules.policies.versions)}
    for event in case.events:
        known |= {event.event_time, event.recorded_at, event.until or event.recorded_at}
    known |= {cut for each in timeline(case.events, case.facts, case.rules.policies) if (cut := each.valid_from)}
    roll = Random(seed)  # noqa: S311 - instants by chance, not a secret
    by_chance = {roll.choice(sorted(known)) + timedelta(hours=roll.uniform(-9000, 9000)) for _ in range(5)}
    return known | {at + TICK for at in known} | {at - TICK for at in known} | by_chance


def spelled(standing: Standing) -> dict[str, Any]:
    """The standing in the words of the reference model."""
    state = standing.state
    denies = [{"kind": deny.kind.value, "scope": deny.scope.to_json()} for deny in state.denies]
    return {
        "closed": state.closed,
        "age": state.age.value,
        "processing_restricted": state.processing_restricted,
        "third_party_stopped": state.third_party_stopped,
        "acceptance": state.acceptance.version if state.acceptance else None,
        "denies": sorted(denies, key=lambda deny: json.dumps(deny, sort_keys=True)),
        "linked": sorted(state.linked),
        "third_party_sources": sorted(state.third_party_sources),
        "participations": sorted(standing.participations),
        "error": state.error,
    }
