"""The README tells the truth: what it names exists, what exists it names, and its snippets run."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from sekisho.cli.main import app
from sekisho.demo.stage import Stage, serving
from sekisho.gateway.problems import problem_rows
from sekisho.gateway.settings import PREFIX, Settings
from sekisho.policy.load import shipped_policy

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def verbs(command: Any, trail: tuple[str, ...] = ()) -> list[str]:
    if not hasattr(command, "commands"):
        return [" ".join(trail)]
    return [verb for name, each in command.commands.items() for verb in verbs(each, (*trail, name))]


@pytest.mark.parametrize("problem", problem_rows(), ids=lambda problem: problem.code.value)
def test_every_code_is_explained_with_its_status(problem: Any) -> None:
    assert f"| `{problem.code.value}` | {problem.status} |" in README


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_listed(setting: str) -> None:
    assert f"`{PREFIX}{setting.upper()}`" in README


def test_no_setting_is_invented() -> None:
    told = {name.lower() for name in re.findall(rf"{PREFIX}([A-Z_]+)", README)}
    assert told <= set(Settings.model_fields)


@pytest.mark.parametrize("verb", verbs(get_command(app)))
def test_every_command_is_listed(verb: str) -> None:
    group, _, name = verb.partition(" ")
    assert f"sekisho {verb}" in README or (f"sekisho {group}" in README and f"`{name}`" in README)


def test_no_command_is_invented() -> None:
    known = verbs(get_command(app))
    for told in re.findall(r"^\| `sekisho ([a-z ]+)`", README, re.MULTILINE):
        assert told in known, told


def test_every_category_and_item_is_listed() -> None:
    policy = shipped_policy()
    for item in policy.items:
        assert f"`{item.id}`" in README, item.id
    for category in policy.categories:
        assert f"| `{category.id}` | {category.label.ja} |" in README


def test_the_python_snippet_reads_a_whole_cohort(stage: Stage) -> None:
    namespace: dict[str, Any] = {}
    snippet = next(each for each in fenced("python") if "import httpx" in each)
    exec(compile(snippet, "README.md", "exec"), namespace)  # noqa: S102 - the README's own words
    with serving(stage) as address:
        people = list(namespace["cohort"](address, stage.token("karado-analytics")))
    assert len(people) == len({each["id"] for each in people}) > 1


def test_the_decide_snippet_decides() -> None:
    snippet = next(line for block in fenced("sh") for line in block.splitlines() if "sekisho decide" in line)
    case = re.findall(r"echo '(.*)' \|", snippet)[0]
    command = [sys.executable, "-m", "sekisho.cli.main", "decide"]
    done = subprocess.run(command, input=case, capture_output=True, text=True, check=False)
    assert '"NO_ACCEPTANCE"' in done.stdout, done.stderr


def test_links_inside_the_project_lead_somewhere() -> None:
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", README):
        assert (Path(__file__).parent.parent / target).exists(), target
