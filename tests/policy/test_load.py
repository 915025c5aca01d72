import hashlib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from sekisho.policy.load import SHIPPED, PolicyError, load_policy, read_policy, shipped_policy

DOCUMENT = (files("sekisho.policy") / SHIPPED).read_text("utf-8")


def line_of(text: str, document: str = DOCUMENT) -> int:
    return document[: document.index(text)].count("\n") + 1


def refusal(old: str, new: str) -> tuple[int, list[str]]:
    assert old in DOCUMENT
    with pytest.raises(PolicyError) as caught:
        read_policy(DOCUMENT.replace(old, new, 1).encode())
    return line_of(old), str(caught.value).splitlines()


def test_the_shipped_policy_is_read_once() -> None:
    assert shipped_policy() is shipped_policy()


def test_the_hash_is_of_the_bytes_that_were_read(tmp_path: Path) -> None:
    copy = tmp_path / "policy.yaml"
    copy.write_text(DOCUMENT, "utf-8")
    assert load_policy(copy) == shipped_policy()
    assert shipped_policy().document_sha256 == hashlib.sha256(DOCUMENT.encode()).hexdigest()
    assert read_policy(DOCUMENT.encode() + b"# a remark\n").document_sha256 != shipped_policy().document_sha256


MISTAKES = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", MISTAKES, ids=[case["mistake"] for case in MISTAKES])
def test_a_mistake_is_named_and_says_what_is_allowed(case: dict[str, str]) -> None:
    _, told = refusal(case["for"], case["write"])
    assert [line for line in told if case["says"] in line]


def test_the_line_is_the_line_of_the_value() -> None:
    line, told = refusal("purposes: [RESEARCH_ACADEMIC]}", "purposes: [RESEARCH]}")
    assert told[0].startswith(f"line {line}: `RESEARCH` is not a purpose; one of: ")
    line, told = refusal("- items: [otherAttributes]", "- items: [prefecture]")
    assert told[0].startswith(f"line {line}: `prefecture`")


def test_several_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    document = DOCUMENT.replace("show: YEAR", "show: MONTH").replace("[DATA_LINKAGE_PARTNER]", "[LINKAGE]")
    with pytest.raises(PolicyError) as caught:
        read_policy(document.encode())
    lines = [problem.line for problem in caught.value.problems]
    assert len(lines) == 2
    assert lines == sorted(lines)


def test_a_word_of_the_vocabulary_may_not_be_missing() -> None:
    for entry in ("{id: LINKED_APP, ja: 連携アプリ", "{id: PLANNING,", "{id: KARADO_SERVICE,", "{id: ENDED,"):
        start = DOCUMENT.index(entry)
        begin, end = DOCUMENT.rindex("\n", 0, start), DOCUMENT.index("\n", start)
        with pytest.raises(PolicyError, match="is missing from"):
            read_policy((DOCUMENT[:begin] + DOCUMENT[end:]).encode())


def test_a_word_that_the_vocabulary_does_not_have_is_refused() -> None:
    _, told = refusal("{id: PLANNING, code", "{id: GAMBLING, code")
    assert "`GAMBLING` is not a purpose" in told[0]


def test_a_child_purpose_under_another_parent_is_refused() -> None:
    _, told = refusal("{id: SALES, code: U8f", "{id: PAPER_PUBLICATION, code: U8f")
    assert any("`PAPER_PUBLICATION` stands in the wrong place; it belongs under `RESEARCH_ACADEMIC`" in x for x in told)


def test_two_rules_for_one_recipient_and_item_are_refused() -> None:
    old = "      purposes: [PRIZE_SHIPPING]\n"
    _, told = refusal(old, "      purposes: [AFTER_SERVICE_GUIDANCE]\n")
    assert any("`email` has another rule for the same recipient and purpose" in line for line in told)


def test_more_items_than_a_mask_holds_are_refused() -> None:
    anchor = "      - {id: linkedAppData,"
    more = "".join(f"      - {{id: more{at}, ja: x, en: x, line: 20}}\n" for at in range(36))
    _, told = refusal(anchor, more + anchor)
    assert any("is one item too many; masks hold 62" in line for line in told)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"", "line 1: `None` does not fit `document`"),
        (b"a: [1", "line 1: this is not YAML"),
        (b"\xff\xfe\x00", "this is not YAML"),
        (b"a: &x [1]\nb: *x\n", "line 2: an alias stands here; write the value out"),
        (b"1: a\n", "line 1: `1` is not a text; put the key in quotes"),
        (b"<<: {a: 1}\n", "is not a text"),
        (b"a: !!python/object/apply:os.getcwd []\n", "this is not YAML"),
        (b"a: 1\n---\nb: 2\n", "this is not YAML"),
    ],
)
def test_what_is_no_document_is_refused(document: bytes, expected: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy(document)
    assert expected in str(caught.value)


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    read: Callable[[Path], object] = load_policy
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "missing.yaml")
