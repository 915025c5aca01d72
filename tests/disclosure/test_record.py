"""What a record is: its exact bytes, what they commit to, and what never stands in one (S6)."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from sekisho.disclosure.record import (
    Clause,
    Context,
    LogRow,
    Party,
    canonical,
    commitment,
    instant,
    leaf_input,
    record_nonce,
    unfold,
)
from sekisho.store.tables.log import disclosure_log
from sekisho.vocabulary import Outcome, Reason

RECORDS = Path(__file__).parent.parent / "cases" / "records"
HANAKO, JIRO = UUID(int=1), UUID(int=2)
ROW = LogRow(
    row_id=UUID("018f0000-0000-7000-8000-000000000001"),
    occurred_at=datetime(2026, 6, 1, 12, 0, 0, 7, UTC),
    schema=1,
    nonce=bytes(range(32)),
    outcome=Outcome.ANSWERED,
    refusal="",
    client_id="karada-lab",
    client_version=3,
    recipient_type="JOINT_RESEARCH_PARTNER",
    purpose="INCIDENTAL",
    disclosure="DATA_STORAGE",
    serves="SALES",
    study="CLINICAL_RESEARCH:sleep",
    reference="order 4",
    ignored_purpose="PLANNING",
    policy_version="2022-09",
    lens_key="JOINT_RESEARCH_PARTNER|INCIDENTAL|DATA_STORAGE|SALES",
    operation_name="Page",
    operation_sha256="ab" * 32,
    request_id="a request",
    token_id="a token",
    report_mode="extensions",
    root="subjects",
    coordinates=("Attributes.sex", "Attributes.birthDate", "Account.email", "Subject.measurements", "Subject.surveys"),
    items=("sex", "birthDate", "email", "measurement", "surveyAnswer"),
    uses=("VALUE", "FILTER", "VALUE", "VALUE", "ORDER"),
    transforms=("FULL", "YEAR", "FULL", "FULL", "FULL"),
    lists=("Subject.measurements", "Subject.surveys"),
    subjects=(HANAKO, JIRO),
    profiles=(5, 6),
    evidence=("an acceptance", ""),
    outcomes=("vews-", "wwvve"),
    row_counts=(0, 0, 3, 1),
    legal_basis="CONSENT",
)
REFUSED = replace(
    ROW,
    outcome=Outcome.REFUSED,
    refusal="PURPOSE_REQUIRED",
    **dict.fromkeys(("coordinates", "items", "uses", "transforms", "lists", "subjects", "profiles", "evidence"), ()),
    **dict.fromkeys(("outcomes", "row_counts"), ()),
    **dict.fromkeys(("purpose", "disclosure", "serves", "study", "reference", "ignored_purpose", "legal_basis"), ""),
)


def reason(row: LogRow, profile: int, letter: str, item: str) -> Reason:
    assert row.subjects
    if letter == "s":
        return Reason.NOT_LINKED
    return {5: Reason.NOT_NEEDED, 6: Reason.WITHDRAWN}[profile] if item != "email" else Reason.NOT_IN_POLICY


CONTEXT = Context(
    provider=Party("controller", "オムロン ヘルスケア株式会社", "京都府向日市", "代表者", "JP", "CONTROLLER"),
    recipient=Party("karada", "からだ研究所", "", "山田 花子", "JP", "JOINT_RESEARCH_PARTNER", entrustment=True),
    statutory_basis="ART29_CONSENT",
    retention_until=lambda moment: moment.replace(year=moment.year + 3),
    reason=reason,
    label={
        "sex": "性別",
        "birthDate": "生年月日",
        "email": "メールアドレス",
        "measurement": "測定値",
        "surveyAnswer": "回答",
    }.__getitem__,
    line=lambda item: {"sex": 48, "birthDate": 48}.get(item, 33),
    accepted=lambda profile: f"version of {profile}",
    clauses=(Clause("DATA_STORAGE", "D1b", 48, ("https://w3id.org/dpv#DataStorage",), ("HOPERAT",)),),
)
GOLDEN = {"answered-0": (ROW, 0), "answered-1": (ROW, 1), "refused": (REFUSED, 0)}


def record(row: LogRow, position: int = 0) -> dict[str, Any]:
    return list(unfold(row, CONTEXT))[position]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_fixed_row_unfolds_into_exactly_these_bytes(name: str) -> None:
    assert canonical(record(*GOLDEN[name])) == (RECORDS / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", GOLDEN)
def test_the_bytes_are_committed_to_by_exactly_this(name: str) -> None:
    row, position = GOLDEN[name]
    found = record(row, position)
    nonce = record_nonce(row.nonce, row.subjects[position]) if row.subjects else row.nonce
    committed = commitment(nonce, found)
    expected = json.loads((RECORDS / "commitments.json").read_text())[name]
    assert {
        "nonce": nonce.hex(),
        "commitment": committed.hex(),
        "leaf": leaf_input(found, committed).decode(),
    } == expected


def test_unfolding_is_deterministic() -> None:
    assert [canonical(each) for each in unfold(ROW, CONTEXT)] == [canonical(each) for each in unfold(ROW, CONTEXT)]
    elsewhere = replace(ROW, occurred_at=ROW.occurred_at.astimezone(timezone(timedelta(hours=9))))
    assert canonical(record(elsewhere)) == canonical(record(ROW))


def test_one_record_is_one_statement_and_one_subject() -> None:
    told = list(unfold(ROW, CONTEXT))
    assert [each["id"] for each in told] == [f"{ROW.row_id}.0", f"{ROW.row_id}.1"]
    assert [each["subject_ref"] for each in told] == [str(HANAKO), str(JIRO)]


def test_an_operation_that_reached_nobody_is_one_record_without_a_subject() -> None:
    (told,) = unfold(REFUSED, CONTEXT)
    assert told["id"] == str(ROW.row_id)
    assert told["released"] == told["withheld"] == []
    assert told["refusal"] == "PURPOSE_REQUIRED"
    assert "subject_ref" not in told


def test_every_letter_has_its_meaning() -> None:
    """v released, e permitted and empty, w withheld, s withheld by its source, - not reached."""
    first, second = record(ROW, 0), record(ROW, 1)
    assert [field["item"] for field in first["released"]] == ["sex"]
    assert [(field["item"], field["use"], field["transform"]) for field in first["empty"]] == [
        ("birthDate", "FILTER", "YEAR")
    ]
    assert [(field["item"], field["reason"]) for field in first["withheld"]] == [
        ("email", "NOT_IN_POLICY"),
        ("measurement", "NOT_LINKED"),
    ]
    assert not any("transform" in field for field in first["withheld"] + second["withheld"])
    assert [field["reason"] for field in second["withheld"]] == ["WITHDRAWN", "WITHDRAWN"]
    assert [field["coordinate"] for field in second["released"]] == ["Account.email", "Subject.measurements"]
    assert [field["use"] for field in second["empty"]] == ["ORDER"]
    assert first["released"][0] == {
        "coordinate": "Attributes.sex", "item": "sex", "label": "性別", "use": "VALUE", "transform": "FULL", "line": 48
    }  # fmt: skip


def test_rows_are_counted_for_each_list_that_was_released_for_this_person() -> None:
    """A list withheld from them, not reached, or only filtered or ordered on, is not theirs to count."""
    assert record(ROW, 0)["rows"] == {}
    assert record(ROW, 1)["rows"] == {"Subject.measurements": 3}
    both = replace(ROW, uses=("VALUE",) * 5, outcomes=("vewev", "vvwww"), row_counts=(0, 2, 0, 0))
    assert record(both, 0)["rows"] == {"Subject.measurements": 0, "Subject.surveys": 2}
    assert record(both, 1)["rows"] == {}
    assert record(replace(ROW, lists=(), row_counts=()), 1)["rows"] == {}


def test_the_items_released_are_counted_once_each() -> None:
    twice = replace(ROW, items=("sex", "sex", "sex", "sex", "sex"), outcomes=("vvew-", "-----"))
    assert record(twice, 0)["item_count"] == 1
    assert record(twice, 1)["item_count"] == 0


def test_a_record_says_in_others_words_what_it_was_for() -> None:
    """The purposes with the policy's codes, Data Privacy Vocabulary IRIs and v3-ActReason codes."""
    assert record(ROW, 0)["processing"] == "https://w3id.org/dpv#Disclose"
    assert record(ROW, 0)["purposes"] == [
        {
            "id": "DATA_STORAGE",
            "code": "D1b",
            "line": 48,
            "dpv": ["https://w3id.org/dpv#DataStorage"],
            "act_reason": ["HOPERAT"],
        }
    ]


def test_the_consent_behind_a_release_is_named_where_there_is_one() -> None:
    """Enforcement rules of the APPI, rule 20(1)."""
    assert record(ROW, 0)["consent"] == {
        "record_id": "an acceptance",
        "version": "version of 5",
        "obtained": True,
    }
    assert "consent" not in record(ROW, 1)


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.REFUSED])
def test_an_attempt_releases_nothing(outcome: Outcome) -> None:
    """S5: `reject` mode releases nothing and records an attempt only."""
    for told in unfold(replace(ROW, outcome=outcome), CONTEXT):
        assert told["released"] == told["empty"] == []
        assert told["rows"] == {}
        assert len(told["withheld"]) == 2


def test_absent_facts_are_left_out_and_never_null() -> None:
    told = record(REFUSED)
    assert not {"purpose", "disclosure_purpose", "serves", "study", "reference", "legal_basis"} & set(told)
    assert "entrustment" not in told["provider"]
    assert told["recipient"]["entrustment"] is True
    assert "address" not in told["recipient"]
    assert "refusal" not in record(ROW)


def parts(value: Any) -> Iterator[Any]:
    yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(part)


def test_a_record_holds_texts_integers_booleans_lists_and_objects_with_ascii_keys() -> None:
    for row in (ROW, REFUSED, replace(ROW, outcome=Outcome.REJECTED)):
        for told in unfold(row, CONTEXT):
            for part in parts(told):
                assert type(part) in (int, bool, list, dict) or isinstance(part, str)
                assert not isinstance(part, dict) or all(key.isascii() for key in part)


def test_a_row_has_no_place_for_a_value() -> None:
    """S6: a record names coordinates and counts rows; its columns are those of the log, and no more."""
    assert [field.name for field in fields(LogRow)] == [column.name for column in disclosure_log.columns]
    assert {field.name for field in fields(LogRow)} == {
        *("row_id", "occurred_at", "schema", "nonce", "outcome", "refusal", "client_id", "client_version"),
        *("recipient_type", "purpose", "disclosure", "serves", "study", "reference", "ignored_purpose"),
        *("policy_version", "lens_key", "operation_name", "operation_sha256", "request_id", "token_id"),
        *("report_mode", "root", "coordinates", "items", "uses", "transforms", "lists", "subjects", "profiles"),
        *("evidence", "outcomes", "row_counts", "legal_basis"),
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": 2, "A": 3, "_": 4, "1": 5}, b'{"1":5,"A":3,"_":4,"a":2,"b":1}'),
        ({"a": {"z": [], "y": {}}, "b": [True, False, 0, -7, 9007199254740991]},
         b'{"a":{"y":{},"z":[]},"b":[true,false,0,-7,9007199254740991]}'),
        ({"a": 'quote " slash / backslash \\'}, rb'{"a":"quote \" slash / backslash \\"}'),
        ({"a": "\b\t\n\f\r"}, rb'{"a":"\b\t\n\f\r"}'),
        ({"a": "\x00\x01\x0b\x1f"}, rb'{"a":"\u0000\u0001\u000b\u001f"}'),
        ({"a": "\x7f\x80"}, b'{"a":"\x7f\xc2\x80"}'),
        ({"a": "\u20ac$ からだ"}, b'{"a":"\xe2\x82\xac$ \xe3\x81\x8b\xe3\x82\x89\xe3\x81\xa0"}'),
        ({"a": "\u2028\u2029"}, b'{"a":"\xe2\x80\xa8\xe2\x80\xa9"}'),
        ({"a": "\U0001f600\ufb33"}, b'{"a":"\xf0\x9f\x98\x80\xef\xac\xb3"}'),
        ({"a": "e\u0301 \u00e9"}, b'{"a":"e\xcc\x81 \xc3\xa9"}'),
    ],
)  # fmt: skip
def test_canonical_bytes_are_those_of_rfc_8785(value: dict[str, Any], written: bytes) -> None:
    assert canonical(value) == written


def test_what_json_has_no_word_for_is_no_record() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})
    with pytest.raises(UnicodeEncodeError):
        canonical({"a": "\ud800"})


def test_each_subjects_nonce_is_derived_from_the_rows_and_their_handle() -> None:
    nonces = [record_nonce(ROW.nonce, subject) for subject in ROW.subjects]
    assert nonces == [hmac.digest(ROW.nonce, subject.bytes, hashlib.sha256) for subject in ROW.subjects]
    assert nonces[0] != nonces[1]
    assert len(nonces[0]) == 32
    assert record_nonce(bytes(32), HANAKO) != nonces[0]


def test_a_commitment_binds_to_record_and_nonce() -> None:
    told, nonce = record(ROW), record_nonce(ROW.nonce, HANAKO)
    assert commitment(nonce, told) == hmac.digest(nonce, canonical(told), hashlib.sha256)
    assert commitment(nonce, told | {"purpose": "SALES"}) != commitment(nonce, told)
    assert commitment(ROW.nonce, told) != commitment(nonce, told)


def test_a_leaf_tells_nothing_about_a_person() -> None:
    told = record(ROW)
    leaf = json.loads(leaf_input(told, b"\xff"))
    assert leaf == {"id": told["id"], "time": told["time"], "schema": 1, "commitment": "ff"}
    assert canonical(leaf) == leaf_input(told, b"\xff")


def test_a_moment_is_spelled_in_utc_to_the_microsecond() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert instant(datetime(2026, 6, 1, 0, 0, tzinfo=tokyo)) == "2026-05-31T15:00:00.000000Z"
    assert instant(datetime(2026, 6, 1, 0, 0, 0, 7, UTC)) == "2026-06-01T00:00:00.000007Z"
    assert record(ROW)["retention_until"] == "2029-06-01T12:00:00.000007Z"
