"""What is asked: three operations, each of a random page or person.

The gateway and the GraphQL peers get the same operation but for the declared purpose, which peers take from a header.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PURPOSE = "SERVICE_PROVISION"
RECIPIENT_TYPE = "FIRST_PARTY"

_ATTRIBUTES = "attributes { birthDate age sex heightCm weightKg born: birthDate height: heightCm weight: weightKg }"
_PERSON = f"id {_ATTRIBUTES} account {{ loginId email contact: email }}"


@dataclass(frozen=True, slots=True)
class Workload:
    """One operation. `variable` is what changes from request to request; `people` how many each answer tells about."""

    name: str
    title: str
    variable: str
    type: str
    people: int
    selection: str

    def operation(self, directive: str = "") -> str:
        """The operation as text, with a directive or none."""
        return f"query {self.name}(${self.variable}: {self.type}) {directive}{{ {self.selection} }}"

    def body(self, operation: str, value: str | None) -> bytes:
        """The request body that asks `operation` for `value`."""
        told = {"operationName": self.name, "query": operation, "variables": {self.variable: value}}
        return json.dumps(told).encode()


WORKLOADS = (
    Workload(
        "W1",
        "a page of 100 people × 12 fields",
        "after",
        "String",
        100,
        f"subjects(first: 100, after: $after) {{ edges {{ node {{ {_PERSON} }} }} }}",
    ),
    Workload("W2", "one person × 12 fields", "id", "ID!", 1, f"subject(id: $id) {{ {_PERSON} }}"),
    Workload(
        "W3",
        "20 people × 50 measurements × 3 fields",
        "after",
        "String",
        20,
        "subjects(first: 20, after: $after) { edges { node { id measurements(last: 50) { takenAt value unit } } } }",
    ),
)


@dataclass(frozen=True, slots=True)
class Names:
    """What one server calls the people, in the order of their internal ids: who they are, and where a page ends."""

    ids: Sequence[str]
    cursors: Sequence[str]

    def value(self, workload: Workload, place: int) -> str:
        """The variable that asks for the person at `place`, or for the page that begins behind them."""
        return self.ids[place] if workload.variable == "id" else self.cursors[place]


def places(workload: Workload, people: int, count: int, seed: int) -> list[int]:
    """Random places, none of them so late that a page would be short."""
    draw = random.Random(f"{seed}/{workload.name}")  # noqa: S311 - the places are no secret
    return [draw.randrange(people - workload.people) for _ in range(count)]


def without_ids(answer: Any) -> Any:
    """The answer without what each server calls people by its own."""
    if isinstance(answer, dict):
        return {name: without_ids(value) for name, value in answer.items() if name != "id"}
    return [without_ids(each) for each in answer] if isinstance(answer, list) else answer
