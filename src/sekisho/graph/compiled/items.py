"""Items as a lens sees them."""

from dataclasses import dataclass, field

from sekisho.decision import shown_as, static_refusal
from sekisho.graph.operation import Circumstances
from sekisho.vocabulary import Reason, Transform


@dataclass(frozen=True, slots=True)
class Item:
    """An item as the lens sees it: statically refused, or shown as `transform` to those whose `bit` is set."""

    refusal: Reason | None
    transform: Transform | None
    bit: int


@dataclass(frozen=True, slots=True)
class Items:
    """The items of the policy in force, each judged once."""

    here: Circumstances
    _judged: dict[str, Item] = field(default_factory=dict)

    def __call__(self, name: str) -> Item:
        """The item as this lens sees it."""
        if name not in self._judged:
            rules, question = self.here.rules, self.here.question(name)
            bit = rules.current.item(name).bit if rules.current else 0
            self._judged[name] = Item(static_refusal(rules, question), shown_as(rules, question), bit)
        return self._judged[name]
