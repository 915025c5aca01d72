"""The cases of `generated_cases` as a hypothesis strategy: the same recipe, choices that shrink."""

from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from generated_cases import build

T = TypeVar("T")


class HypothesisDraws:
    """Choices from hypothesis. `False` and the first option are the simplest."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def chance(self, probability: float) -> bool:
        return self._draw(st.integers(0, 999)) >= 1000 - 1000 * probability

    def one(self, options: Sequence[T]) -> T:
        return options[self._draw(st.integers(0, len(options) - 1))]


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """One case of the shape that `reference_model` reads."""
    return build(HypothesisDraws(draw))
