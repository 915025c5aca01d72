import re
from importlib.resources import files
from pathlib import Path

import pytest

from sekisho.policy.coverage import coverage, read_coverage, statement_ids
from sekisho.policy.load import PolicyError, shipped_policy

ROOT = Path(__file__).parents[2]
DOCUMENT = (files("sekisho.policy") / "coverage.yaml").read_text("utf-8")


def test_every_statement_is_listed_once_in_order() -> None:
    assert [statement.id for statement in coverage()] == list(statement_ids())
    assert len(statement_ids()) == 7 + 14 + 7 + 12 + 5 + 16 + 6 + 2 + 4 + 7


def test_every_module_named_is_there() -> None:
    package = files("sekisho")
    absent = {path for one in coverage() for path in one.enforced if not package.joinpath(path).is_file()}
    assert absent == set()


@pytest.mark.parametrize("test", sorted({test for one in coverage() for test in one.tests}))
def test_every_test_named_is_there(test: str) -> None:
    path, name = test.split("::")
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE)


def test_only_the_device_is_outside() -> None:
    assert [statement.id for statement in coverage() if statement.outside] == ["C11"]


def test_what_the_policy_document_cites_is_a_statement() -> None:
    cited = {rule.statement for rule in shipped_policy().literal} | {shipped_policy().statistics.statement}
    assert cited <= set(statement_ids())


def test_lines_are_lines_of_the_text() -> None:
    assert all(1 <= line <= shipped_policy().text_lines for one in coverage() for line in one.lines)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  - id: S2\n", "  - id: S3\n", "`S3` stands here; `S2` is expected"),
        ("    later: the closure of accounts\n", "", "`T2` is enforced nowhere; say where, or write `later` or"),
        (
            "    outside: the app",
            "    later: soon\n    outside: the app",
            "`C11` is outside and something else besides",
        ),
        ("::test_s1_the", "/test_s1_the", "is not a test id; write tests/<file>.py::test_<name>"),
        ("    about: attributes have", "    of: attributes have", "`about` is missing here; add it"),
    ],
)
def test_a_list_that_does_not_hold_together_is_refused(old: str, new: str, expected: str) -> None:
    assert old in DOCUMENT
    changed = DOCUMENT[: DOCUMENT.rindex(old)] + new + DOCUMENT[DOCUMENT.rindex(old) + len(old) :]
    if "later: the closure" in old:
        changed = DOCUMENT.replace(old, new)
    with pytest.raises(PolicyError, match=r"line \d+: ") as caught:
        read_coverage(changed.encode())
    assert expected in str(caught.value)


def test_a_missing_and_a_superfluous_statement_are_refused() -> None:
    start = DOCUMENT.index("  - id: G7")
    with pytest.raises(PolicyError, match="`G7` is missing at the end; add it"):
        read_coverage(DOCUMENT[:start].encode())
    with pytest.raises(PolicyError, match="`S1` is one too many; remove it"):
        read_coverage((DOCUMENT + "  - {id: S1, about: again, later: never}\n").encode())
