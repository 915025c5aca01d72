import json
from pathlib import Path

import pytest
from typist import Typist

pytestmark = pytest.mark.usefixtures("office")

LAB = {
    "client_id": "lab",
    "recipient_id": "karada-university",
    "name": "からだ大学",
    "address": "京都府",
    "representative": "山田 花子",
    "recipient_type": "JOINT_RESEARCH_PARTNER",
    "purposes": ["RESEARCH_ACADEMIC"],
    "disclosure_purposes": ["PROCESSING_FOR_USE_PURPOSE"],
    "contract_reference": "2026-17",
    "statutory_basis": "ART29_CONSENT",
}


def written(folder: Path, **changes: object) -> str:
    file = folder / "recipient.json"
    file.write_text(json.dumps(LAB | changes), "utf-8")
    return str(file)


def listed(run: Typist) -> dict[str, dict[str, object]]:
    found = [json.loads(line) for line in run("recipients", "list", "--json").out.splitlines()]
    return {each["client_id"]: each for each in found}


def test_a_recipient_is_registered_from_a_file_with_its_lenses(run: Typist, tmp_path: Path) -> None:
    said = run("recipients", "add", "--file", written(tmp_path))
    assert (said.code, said.out) == (0, "recipient lab is registered as version 1, with 12 lenses\n")
    assert listed(run)["lab"]["purposes"] == ["RESEARCH_ACADEMIC"]
    assert "からだ大学" in run("recipients", "list").out


def test_options_register_the_same(run: Typist) -> None:
    words = ("--client", "lab-2", "--organisation", "karada-university", "--name", "からだ大学", "--address", "京都府")
    words += ("--representative", "山田 花子", "--type", "JOINT_RESEARCH_PARTNER", "--contract", "2026-17")
    words += ("--purpose", "RESEARCH_ACADEMIC", "--disclosure", "PROCESSING_FOR_USE_PURPOSE")
    assert run("recipients", "add", *words, "--basis", "ART29_CONSENT").code == 0
    facts = listed(run)["lab-2"]
    assert {name: facts[name] for name in LAB} == LAB | {"client_id": "lab-2"}


def test_d7_a_recipient_without_a_name_is_refused(run: Typist, tmp_path: Path) -> None:
    said = run("recipients", "add", "--file", written(tmp_path, client_id="nobody", name=" "))
    assert said.code == 2
    assert "`name`" in said.err
    assert "nobody" not in listed(run)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"disclosure_purposes": []}, "`disclosure_purposes`: `JOINT_RESEARCH_PARTNER` must declare one"),
        ({"purposes": []}, "`purposes`: `PROCESSING_FOR_USE_PURPOSE` serves a use purpose"),
        ({"linked_service": "GOOGLE_FIT"}, "`linked_service`: only a `DATA_LINKAGE_PARTNER` has one"),
        ({"entitlements": ["rights_desk"]}, "`rights_desk` is for the first party only"),
        ({"recipient_type": "FIRST_PARTY"}, "`disclosure_purposes`: `FIRST_PARTY` declares none"),
        ({"statutory_basis": "TRUST_ME"}, "`statutory_basis`: one of ART29_CONSENT"),
        ({"country": "Japan"}, "`country`"),
        ({"colour": "red"}, "`colour` is not a key that is known here"),
        ({"valid_until": "2020-01-01T00:00:00+09:00"}, "`valid_until`: it is not after the beginning"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    run: Typist, tmp_path: Path, changes: dict[str, object], expected: str
) -> None:
    said = run("recipients", "add", "--file", written(tmp_path, client_id="odd", **changes))
    assert said.code == 2
    assert expected in said.err
    assert "odd" not in listed(run)


def test_what_the_registration_cannot_do_is_told(run: Typist, tmp_path: Path) -> None:
    other = {"recipient_type": "OTHER_THIRD_PARTY", "country": "DE", "client_id": "other"}
    said = run("recipients", "add", "--file", written(tmp_path, **other))
    assert said.code == 0
    assert "its country `DE` is not admitted" in said.err
    assert "through PROCESSING_FOR_USE_PURPOSE + RESEARCH_ACADEMIC it may see nothing" in said.err


def test_a_revoked_recipient_is_refused_from_then_on(run: Typist, tmp_path: Path, taro: str) -> None:
    run("recipients", "add", "--file", written(tmp_path, client_id="gone"))
    assert run("recipients", "revoke", "gone", "--yes").out.endswith("recipient gone is revoked with version 2\n")
    asked = run("explain", "--login-id", taro, "--field", "sex", "--client", "gone", "--json")
    assert json.loads(asked.out)["refused"]["code"] == "CLIENT_NOT_VALID"
    assert run("recipients", "revoke", "gone", "--yes").code == 2
    assert run("recipients", "revoke", "stranger", "--yes").code == 2
