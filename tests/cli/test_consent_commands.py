import json
import re
from typing import Any

import pytest
from typist import Typist

pytestmark = pytest.mark.usefixtures("office")

MARKETING = ("--purpose", "MARKETING", "--recipient", "BUSINESS_ALLIANCE_PARTNER")


def shown(run: Typist, login_id: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run("consent", "show", "--login-id", login_id, "--json").out)
    return told


def now(run: Typist, login_id: str) -> dict[str, Any]:
    last: dict[str, Any] = shown(run, login_id)["timeline"][-1]
    return last


def put(run: Typist, login_id: str, verb: str, *words: str) -> str:
    said = run("consent", verb, "--login-id", login_id, *words, "--yes")
    assert said.code == 0, said.err
    recorded = re.search(r"^recorded (\S+) at ", said.out, re.MULTILINE)
    assert recorded is not None
    return recorded[1]


def verdict(run: Typist, login_id: str, client: str, field: str, *words: str) -> dict[str, Any]:
    said = run("explain", "--login-id", login_id, "--client", client, "--field", field, *words, "--json")
    assert said.code == 0, said.err
    told: dict[str, Any] = json.loads(said.out)
    return told


def test_an_acceptance_acts_at_once_and_names_the_version_and_its_text(run: Typist, taro: str) -> None:
    said = run("consent", "accept", "--login-id", taro, "--yes")
    assert "acceptance of the policy: none -> 2022-09" in said.out
    assert "account: REGISTERED -> ACTIVE; the person may use the service" in said.out
    assert re.search(r"^acts from 20", said.out, re.MULTILINE)
    assert now(run, taro)["acceptance"] == "2022-09"


def test_a_whole_withdrawal_tells_first_that_it_ends_everything(run: Typist, taro: str) -> None:
    put(run, taro, "accept")
    put(run, taro, "link", "--service", "GOOGLE_FIT")
    put(run, taro, "third-party", "--provider", "GYM_CHAIN")
    put(run, taro, "participate", "--activity", "SURVEY:2026-spring")
    said = run("consent", "withdraw", "--login-id", taro, "--yes")
    told, _, _ = said.out.partition("recorded ")
    for line in (
        "acceptance of the policy: 2022-09 -> none",
        "linked app `GOOGLE_FIT` ends",
        "third-party consent `GYM_CHAIN` ends",
        "participation `SURVEY:2026-spring` ends",
        "account: ACTIVE -> ENDED; the person cannot use the service",
    ):
        assert line in told
    ended = now(run, taro)
    assert (ended["account"], ended["can_use"], ended["linked"]) == ("ENDED", False, [])


def test_a_scoped_withdrawal_narrows_until_it_is_lifted_by_name(run: Typist, taro: str) -> None:
    put(run, taro, "accept")
    asked = ("business-partner", "Attributes.sex", "--disclosure", "PROCESSING_FOR_USE_PURPOSE", "--purpose")
    assert verdict(run, taro, *asked, "MARKETING")["verdict"] == "PERMIT"
    deny = put(run, taro, "withdraw", *MARKETING)
    assert verdict(run, taro, *asked, "MARKETING")["reason"] == "WITHDRAWN"
    assert verdict(run, taro, *asked, "PRODUCT_SERVICE_GUIDANCE")["verdict"] == "PERMIT"
    put(run, taro, "accept")
    assert verdict(run, taro, *asked, "MARKETING")["reason"] == "WITHDRAWN"
    put(run, taro, "lift", "--ends", deny)
    assert verdict(run, taro, *asked, "MARKETING")["verdict"] == "PERMIT"


def test_nothing_is_recorded_when_the_answer_is_no(run: Typist, taro: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(run, taro, "accept")
    monkeypatch.setattr("typer.confirm", lambda _: False)
    said = run("consent", "withdraw", "--login-id", taro)
    assert said.code == 2
    assert "nothing was done" in said.err
    assert len(shown(run, taro)["records"]) == 1


@pytest.mark.parametrize(("target", "reason"), [("PROCESSING", "PROCESSING_RESTRICTED")])
def test_a_restriction_suspends_use_and_is_told_so(run: Typist, taro: str, target: str, reason: str) -> None:
    put(run, taro, "accept")
    said = run("consent", "restrict", "--login-id", taro, "--target", target, "--yes")
    assert "account: ACTIVE -> SUSPENDED" in said.out
    asked = ("karado-analytics", "Attributes.sex", "--purpose", "RESEARCH_ACADEMIC")
    assert verdict(run, taro, *asked)["reason"] == reason


def test_an_acceptance_said_before_a_withdrawal_is_recorded_without_effect(run: Typist, taro: str) -> None:
    put(run, taro, "withdraw")
    said = run("consent", "accept", "--login-id", taro, "--at", "2026-01-01T00:00:00+09:00", "--yes")
    assert "it never takes effect" in said.out
    assert said.out.endswith("without effect\n")
    assert now(run, taro)["account"] == "ENDED"


def test_a_name_that_nobody_stored_data_under_is_pointed_out(run: Typist, taro: str) -> None:
    said = run("consent", "link", "--login-id", taro, "--service", "GOGLE_FIT", "--yes")
    assert "no data is stored under `GOGLE_FIT` yet; check the name" in said.out
    assert "GOOGLE_FIT" in said.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("withdraw", "--purpose", "MARKETNG"), "`MARKETNG` is neither a use purpose nor a disclosure purpose"),
        (("lift", "--ends", "nothing"), "`nothing` is no withdrawal, objection or restriction of this person"),
        (("accept", "--version", "2019-01"), "`2019-01` is no configured policy version; accept one of 2022-09"),
        (("accept", "--at", "yesterday"), "an instant with its offset from UTC"),
        (("withdraw", "--subject", "00000000-0000-0000-0000-000000000001"), "either --subject or --login-id"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_words(
    run: Typist, taro: str, words: tuple[str, ...], expected: str
) -> None:
    said = run("consent", words[0], "--login-id", taro, *words[1:], "--yes")
    assert said.code == 2
    assert expected in said.err
    assert shown(run, taro)["records"] == []


def test_somebody_unknown_is_refused(run: Typist) -> None:
    said = run("consent", "show", "--login-id", "nobody")
    assert said.code == 2
    assert "nobody here has the login id `nobody`" in said.err


def test_the_timeline_and_the_records_are_tables_too(run: Typist, taro: str) -> None:
    put(run, taro, "accept")
    put(run, taro, "object", "--category", "USAGE_HISTORY")
    said = run("consent", "show", "--login-id", taro)
    assert "OBJECTION: categories USAGE_HISTORY" in said.out
    assert re.search(r"│ now +│", said.out)
