"""A case as JSON: what it may say, what an answer looks like, and what is said of a case that is none."""

import json
from typing import Any

import pytest

from generated_cases import generate
from hand_written_cases import ACCEPTED, ADULT, NOON, SOON, V1, V2, case, event
from judged import JUDGE, POLICY, judged
from sekisho.judging import Judge
from sekisho.spelling import CaseError, parse
from sekisho.vocabulary import DataCategory, DisclosurePurpose, EventKind, RecipientType

PLAIN = case(ACCEPTED, purpose="RESEARCH_ACADEMIC")


def changed(member: str, value: Any) -> dict[str, Any]:
    """The plain case with another value at `member`, like `request.item`; `events[0]` is its acceptance."""
    made: dict[str, Any] = json.loads(json.dumps(PLAIN))
    made["request"]["datum"] = {"source": "SUBJECT"}
    place: Any = made
    *path, last = member.replace("[0]", ".0").split(".")
    for name in path:
        place = place[int(name) if name == "0" else name]
    place[int(last) if last == "0" else last] = value
    return made


def without(member: str) -> dict[str, Any]:
    made = changed(member, None)
    place: Any = made
    *path, last = member.replace("[0]", ".0").split(".")
    for name in path:
        place = place[int(name) if name == "0" else name]
    del place[last]
    return made


def error(told: Any) -> CaseError:
    with pytest.raises(CaseError) as refused:
        JUDGE.answer(told)
    assert (
        str(refused.value) == f"`{refused.value.member}` is not what may stand there; allowed: {refused.value.allowed}"
    )
    return refused.value


def test_a_permit_says_how_much_is_shown_and_which_line_of_the_text_allows_it() -> None:
    assert JUDGE.answer(PLAIN) == {"verdict": "PERMIT", "transform": "FULL", "line": 33}


def test_a_denial_says_why_and_what_every_gate_says() -> None:
    assert JUDGE.answer(case(purpose="RESEARCH_ACADEMIC", subject={})) == {
        "verdict": "DENY",
        "reason": "AGE_UNVERIFIED",
        "gates": [{"gate": "age", "reason": "AGE_UNVERIFIED"}, {"gate": "acceptance", "reason": "NO_ACCEPTANCE"}],
    }


def test_answers_are_plain_json() -> None:
    for seed in range(300):
        answer = JUDGE.answer(generate(seed))
        assert json.loads(json.dumps(answer)) == answer
        assert all(type(part) in (str, int, list) for part in answer.values())


def test_without_versions_the_policy_stands_as_it_is() -> None:
    told = {name: part for name, part in PLAIN.items() if name != "versions"}
    told["events"] = [ACCEPTED | {"version": POLICY.id}]
    assert judged(told) == "FULL"
    assert JUDGE.read(told).rules.current is POLICY
    assert judged(told | {"at": "2022-08-31T23:59:59.999999+09:00"}) == "NOT_IN_POLICY"
    assert judged(told | {"versions": []}) == "NOT_IN_POLICY"


def test_what_a_case_leaves_out_is_nothing_said() -> None:
    bare = {"at": NOON, "request": {"recipient": "SELF", "item": "sex"}}
    assert judged(bare) == "FULL"
    version = {"id": "v1", "effective_from": V1["effective_from"]}
    assert judged(PLAIN | {"versions": [version]}) == "FULL"
    assert JUDGE.read(PLAIN | {"versions": [version]}).rules.current is not None


def test_a_version_is_the_policy_but_for_what_it_says() -> None:
    narrow = V1 | {
        "without": {"categories": ["ACCOUNT"], "purposes": ["SALES", "DATA_STORAGE"], "recipients": ["AFFILIATE"]}
    }
    read = JUDGE.read(PLAIN | {"versions": [narrow, V2 | {"revoked": True, "partial_withdrawal": "ends_use"}]})
    first, second = read.rules.policies.versions
    assert read.rules.current is first
    assert first.literal != POLICY.literal == second.literal
    assert read.rules.policies.revoked == {"v2"}
    assert second.partial_withdrawal == "ends_use"
    assert first.minimisation is second.minimisation is POLICY.minimisation
    assert judged(PLAIN | {"versions": [V1 | {"without": {"recipients": ["FIRST_PARTY"]}}]}) == "NOT_IN_POLICY"
    assert judged(PLAIN | {"versions": [V1 | {"without": {"categories": ["ATTRIBUTE"]}}]}) == "NOT_IN_POLICY"
    assert judged(PLAIN | {"versions": [V1 | {"without": {"purposes": ["RESEARCH_ACADEMIC"]}}]}) == "NOT_IN_POLICY"
    assert judged(PLAIN | {"versions": [V1 | {"without": {}}]}) == "FULL"


def test_a_judge_takes_any_policy() -> None:
    """The policy's own words are those a case may use: here it lists no items but one."""
    small = Judge(POLICY.variant("small", without_recipients=[RecipientType.FIRST_PARTY]))
    assert (
        small.answer({"at": NOON, "request": {"recipient": "FIRST_PARTY", "item": "sex"}})["reason"] == "NOT_IN_POLICY"
    )


@pytest.mark.parametrize(
    ("member", "value", "allowed"),
    [
        ("at", "2024-06-01T12:00:00", "offset from UTC"),
        ("at", "noon", "offset from UTC"),
        ("at", 1717210800, "offset from UTC"),
        ("at", None, "offset from UTC"),
        ("versions", None, "a list"),
        ("versions", {}, "a list"),
        ("versions[0]", "v1", "an object"),
        ("versions[0].id", "", "a text that is not empty"),
        ("versions[0].effective_from", "2022-09-01", "offset from UTC"),
        ("versions[0].revoked", "no", "true, false"),
        ("versions[0].revoked", 0, "true, false"),
        ("versions[0].partial_withdrawal", "NARROWS", "narrows, ends_use"),
        ("versions[0].without", [], "an object"),
        ("request", [], "an object"),
        ("request.recipient", "R1", "SELF, FIRST_PARTY"),
        ("request.recipient", ["SELF"], "SELF, FIRST_PARTY"),
        ("request.purpose", "research_academic", "RESEARCH_ACADEMIC"),
        ("request.purpose", None, "RESEARCH_ACADEMIC"),
        ("request.disclosure", "RESEARCH_ACADEMIC", "PROCESSING_FOR_USE_PURPOSE"),
        ("request.serves", "EVERYBODY", "SALES"),
        ("request.serves", "SALES", "nothing, except with the purpose INCIDENTAL"),
        ("request.item", "prefecture", "birthDate, age, sex"),
        ("request.item", None, "birthDate, age, sex"),
        ("request.study", "", "a text that is not empty"),
        ("request.study", 4, "a text that is not empty"),
        ("request.own_service", None, "a text that is not empty"),
        ("request.handling", 1, "true, false"),
        ("request.case_items", "sex", "a list"),
        ("request.case_items", {"sex": True}, "a list"),
        ("request.datum", "SUBJECT", "an object"),
        ("request.datum.source", "GOOGLE_FIT", "UNCLASSIFIED, SUBJECT"),
        ("request.datum.name", None, "a text that is not empty"),
        ("request.datum.activity", [], "a text that is not empty"),
        ("subject", None, "an object"),
        ("subject.birth_date", "17 May 1980", "a date like 2008-02-29"),
        ("subject.birth_date", "2007-02-29", "a date like 2008-02-29"),
        ("subject.birth_date", 1980, "a date like 2008-02-29"),
        ("subject.birth_date", "9982-01-01", "of the year 9981 at the latest"),
        ("subject.birth_precision", "day", "DAY, MONTH, YEAR"),
        ("subject.closed_at", "2024-06-01", "offset from UTC"),
        ("events", {}, "a list"),
        ("events[0]", [], "an object"),
        ("events[0].id", None, "a text that is not empty"),
        ("events[0].kind", "CONSENT", "ACCEPTANCE, REFUSAL"),
        ("events[0].event_time", "", "offset from UTC"),
        ("events[0].recorded_at", None, "offset from UTC"),
        ("events[0].version", "", "a text that is not empty"),
        ("events[0].until", False, "offset from UTC"),
        ("events[0].ends", "w", "a list"),
        ("events[0].key", 1, "a text that is not empty"),
        ("events[0].target", "SALES", "PROCESSING, THIRD_PARTY_PROVISION"),
        ("events[0].scope", None, "an object"),
        ("events[0].scope", [], "an object"),
    ],
)
def test_a_value_that_may_not_stand_there_is_named_with_what_may(member: str, value: Any, allowed: str) -> None:
    refused = error(changed(member, value))
    assert refused.member == member
    assert allowed in refused.allowed


@pytest.mark.parametrize(
    ("member", "value", "named"),
    [
        ("request.case_items", ["sex", "prefecture"], "request.case_items[1]"),
        ("events[0].ends", ["w", ""], "events[0].ends[1]"),
        ("events[0].scope", {"categories": ["ACCOUNT", "SALES"]}, "events[0].scope.categories[1]"),
        ("events[0].scope", {"categories": "ACCOUNT"}, "events[0].scope.categories"),
        ("events[0].scope", {"purposes": ["EVERYTHING"]}, "events[0].scope.purposes[0]"),
        ("events[0].scope", {"recipients": [None]}, "events[0].scope.recipients[0]"),
        ("events[0].scope", {"items": ["sex"]}, "events[0].scope.items"),
        ("versions[0].without", {"items": ["sex"]}, "versions[0].without.items"),
        ("versions[0].without", {"purposes": ["U6"]}, "versions[0].without.purposes[0]"),
    ],
)
def test_an_entry_that_may_not_stand_there_is_named_by_its_place(member: str, value: Any, named: str) -> None:
    assert error(changed(member, value)).member == named


@pytest.mark.parametrize(
    "place", ["", "versions[0].", "request.", "request.datum.", "subject.", "events[0]."]
)  # fmt: skip
def test_an_unknown_member_is_refused_with_those_that_are_known(place: str) -> None:
    refused = error(changed(f"{place}purposes_of_use", 1))
    assert refused.member == f"{place}purposes_of_use"
    assert "no member of this name; the members are " in refused.allowed


@pytest.mark.parametrize(
    "member",
    ["at", "request", "request.recipient", "request.item", "request.datum.source", "versions[0].id",
     "versions[0].effective_from", "events[0].id", "events[0].kind", "events[0].event_time", "events[0].recorded_at"],
)  # fmt: skip
def test_what_a_case_must_say_is_asked_for(member: str) -> None:
    refused = error(without(member))
    assert (refused.member, refused.allowed) == (member, "a value; it is missing")


@pytest.mark.parametrize(
    ("kind", "needs"),
    [("ACCEPTANCE", "version"), ("RESTRICTION", "target"), ("LINK", "key"), ("UNLINK", "key"), ("PARTICIPATION", "key"),
     ("PARTICIPATION_END", "key"), ("THIRD_PARTY_CONSENT", "key"), ("THIRD_PARTY_CONSENT_WITHDRAWAL", "key")],
)  # fmt: skip
def test_an_event_says_what_its_kind_is_about(kind: str, needs: str) -> None:
    refused = error(case(event("e", kind, SOON)))
    assert (refused.member, refused.allowed) == (f"events[0].{needs}", f"a value: `{kind}` needs it")


def test_every_other_kind_of_event_needs_nothing_more() -> None:
    for kind in ("REFUSAL", "WITHDRAWAL", "OBJECTION", "LIFT", "ADULT_ATTESTATION"):
        JUDGE.answer(case(event("e", kind, SOON)))


def test_two_versions_with_one_id_are_no_case() -> None:
    refused = error(PLAIN | {"versions": [V1, V1]})
    assert (refused.member, refused.allowed) == ("versions", "versions whose ids differ")


@pytest.mark.parametrize("told", [None, [], "case", 4])
def test_a_case_is_an_object(told: Any) -> None:
    refused = error(told)
    assert (refused.member, refused.allowed) == ("case", "an object")


def test_every_member_reaches_the_question_it_belongs_to() -> None:
    read = JUDGE.read(
        {
            "at": NOON,
            "request": {
                "recipient": "DATA_LINKAGE_PARTNER", "purpose": "INCIDENTAL", "disclosure": "DATA_STORAGE",
                "serves": "SALES", "item": "sex", "study": "SURVEY:a", "case_items": ["sex", "age"],
                "own_service": "GOOGLE_FIT", "handling": True,
                "datum": {"source": "LINKED_APP", "name": "APPLE_HEALTH", "activity": "SURVEY:b"},
            },
            "subject": ADULT | {"closed_at": SOON},
            "events": [
                event(
                    *("r", "RESTRICTION", SOON), until=NOON, target="PROCESSING", ends=["x", "y"], key="k", version="v",
                    scope={"categories": ["ACCOUNT"], "purposes": ["SALES", "LEGAL_CLAIMS"], "recipients": ["SELF"]},
                )
            ],
        }
    )  # fmt: skip
    asked, told = read.request, read.events[0]
    assert asked.lens.key == "DATA_LINKAGE_PARTNER|INCIDENTAL|DATA_STORAGE|SALES"
    assert (asked.item, asked.study, asked.own_service, asked.handling) == ("sex", "SURVEY:a", "GOOGLE_FIT", True)
    assert asked.override
    assert asked.override.items == {"sex", "age"}
    assert asked.datum
    assert (asked.datum.source, asked.datum.name, asked.datum.activity) == ("LINKED_APP", "APPLE_HEALTH", "SURVEY:b")
    assert (str(read.facts.birth_date), read.facts.birth_precision) == ("1980-05-17", "DAY")
    assert read.facts.closed_at
    assert (told.id, told.kind, told.target) == ("r", EventKind.RESTRICTION, "PROCESSING")
    assert (told.ends, told.key, told.version) == (("x", "y"), "k", "v")
    assert told.until == read.at > told.recorded_at == told.event_time
    assert told.scope
    assert told.scope.categories == {DataCategory.ACCOUNT}
    assert told.scope.purposes == {"SALES", DisclosurePurpose.LEGAL_CLAIMS}
    assert told.scope.recipients == {RecipientType.SELF}


def test_a_line_is_one_json_value_that_names_each_member_once() -> None:
    assert parse(json.dumps(PLAIN)) == PLAIN
    for line, member in (('{"at": 1, "at": 1}', "at"), ('{"request": {"item": 1, "item": 2}}', "item")):
        with pytest.raises(CaseError) as refused:
            parse(line)
        assert (refused.value.member, refused.value.allowed) == (member, "one member of this name")
    for line in ("", "{", "[" * 100_000, "{} {}", "{'at': 1}"):
        with pytest.raises(CaseError, match="`case` is not what may stand there"):
            parse(line)
