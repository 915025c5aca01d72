"""A policy document (YAML) becomes a policy, or every mistake in it is named with its line."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sekisho.policy.build import build
from sekisho.policy.checks import mistakes
from sekisho.policy.document import Policy
from sekisho.policy.form import PolicyForm

SHIPPED = "karado-2022-09.yaml"

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a policy document: its line (counted from 1) and what to do about it."""

    line: int
    message: str


class PolicyError(ValueError):
    """A policy document that cannot be used; `problems` has all that was found, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(f"line {problem.line}: {problem.message}" for problem in self.problems))


class Marked:
    """A YAML document whose every key and entry knows its line. Keys are texts and stand once; no aliases."""

    def __init__(self, document: bytes) -> None:
        self._lines: dict[Place, int] = {}
        self._problems: list[Problem] = []
        try:
            loader = yaml.SafeLoader(document)
            root = loader.get_single_node()
            if root is not None:
                self._walk(root, (), set())
            if not self._problems:
                self.value: Any = None if root is None else loader.construct_document(root)
        except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            told = getattr(error, "problem", None) or str(error)
            self._problems.append(Problem(mark.line + 1 if mark else 1, f"this is not YAML: {told}"))
        if self._problems:
            raise PolicyError(self._problems)

    def line(self, place: Place) -> int:
        """The line of `place`, or of the nearest that contains it."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)

    def _walk(self, node: yaml.Node, place: Place, seen: set[int]) -> None:
        self._lines.setdefault(place, node.start_mark.line + 1)
        if id(node) in seen:
            self._problems.append(Problem(self._lines[place], "an alias stands here; write the value out"))
            return
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            self._walk_mapping(node, place, seen)
        elif isinstance(node, yaml.SequenceNode):
            for index, entry in enumerate(node.value):
                self._walk(entry, (*place, index), seen)

    def _walk_mapping(self, node: yaml.MappingNode, place: Place, seen: set[int]) -> None:
        keys: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag != "tag:yaml.org,2002:str":
                self._problems.append(Problem(line, f"`{key.value}` is not a text; put the key in quotes"))
            elif key.value in keys:
                self._problems.append(Problem(line, f"`{key.value}` stands twice in one mapping; keep one of them"))
            else:
                keys.add(key.value)
                self._lines[*place, key.value] = line
                self._walk(value, (*place, key.value), seen)


def load_policy(path: Path) -> Policy:
    """The policy in the file at `path`. Raises `PolicyError` with every mistake, `OSError` when it cannot be read."""
    return read_policy(path.read_bytes())


@cache
def shipped_policy() -> Policy:
    """The policy document that comes with the package."""
    return read_policy((files("sekisho.policy") / SHIPPED).read_bytes())


def read_policy(document: bytes) -> Policy:
    """The policy in the bytes of a document. Raises `PolicyError` with every mistake."""
    marked = Marked(document)
    try:
        told = PolicyForm.model_validate(marked.value)
    except ValidationError as error:
        raise PolicyError([problem(marked, detail) for detail in error.errors()]) from None
    found = [Problem(marked.line(mistake.place), mistake.message) for mistake in mistakes(told)]
    if found:
        raise PolicyError(found)
    return build(told, document)


def problem(marked: Marked, detail: ErrorDetails) -> Problem:
    """One error of a form, said with its line."""
    place = detail["loc"]
    line = marked.line(place)
    key = place[-1] if place else "document"
    match detail["type"]:
        case "missing":
            return Problem(line, f"`{key}` is missing here; add it")
        case "extra_forbidden":
            return Problem(line, f"`{key}` is not a key that is known here; remove or correct it")
        case "value_error":
            return Problem(line, str(detail["ctx"]["error"]))
        case _:
            told = detail["msg"][:1].lower() + detail["msg"][1:]
            return Problem(line, f"`{_short(detail['input'])}` does not fit `{key}`: {told}")


def _short(value: Any, most: int = 60) -> str:
    text = str(value)
    return text if len(text) <= most else text[: most - 3] + "..."
