"""Values for the arguments of the schema, by the type of each: of a new argument or input field as well."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from callers import Caller
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
)
from nasty_values import BIRTH_DATES, FLOATS
from spelling_graphql import CURSOR, Known, Var, Word
from town import NEIGHBOURS, PEOPLE

from generated_draws import Draws
from sekisho.graph.filters import ASKABLE

TURNS = 12
"""How often one operation is asked, each time by somebody else or with other variables."""

_SIZES = (1, 1, 2, 2, 3, 4)
_NO_SIZES = (0, -1, 5, 6, 2**31 - 1)
_AGES = (0, 17, 18, 25, 30, 35, 36, 40, 41, 54, 120, -1, 2**31 - 1)
_DATES = (
    "1985",
    "1985-05",
    "1985-05-01",
    "1990-12-31",
    "1972",
    "2000-01",
    "0001",
    "9999",
    "1985-00",
    *map(str, BIRTH_DATES),
)
_NO_DATES = ("", "85", "1985-5-1", "1985-05-01T00:00:00Z", "１９８５")
_MOMENTS = (
    "2026-03-01T06:30:00Z",
    "2026-03-01T06:30:00.000001Z",
    "2026-03-02T15:30:00+09:00",
    "2026-03-01 06:30+00:00",
    "2026-03-21T00:00:00-00:00",
    "2000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
)
_NO_MOMENTS = ("2026-03-21", "0001-01-01T00:00:00+09:00", "2026-03-01T06:30:00", "soon")
_CURSORS = ("", "A", "AAAAAAAAAAAAAAAAAAAAAA", "eyJub25lIjogMX0", "c\x00")
_NO_IDS = ("AAAAAAAAAAAAAAAAAAAAAA", "", "AAAA", "not/base64", "5eb1a6f0-3f5a-4d52-9f43-0d9f0a4a6d55", "é", "\x00")
_HEIGHTS = (160.5, 170.0, 155, 160, 1e15, 1e16, 52.0, 52)
_SCALARS: dict[tuple[str, str], tuple[Sequence[Any], Sequence[Any], float]] = {
    ("Boolean", ""): ((True, False), (True, False), 0),
    ("DateTime", ""): (_MOMENTS, _NO_MOMENTS, 0.02),
    ("Float", ""): (_HEIGHTS, FLOATS, 0.3),
    ("Int", "first"): (_SIZES, _NO_SIZES, 0.008),
    ("Int", "last"): (_SIZES, _NO_SIZES, 0.008),
    ("Int", ""): (_AGES, _AGES, 0),
    ("String", "after"): ((CURSOR,), _CURSORS, 0.1),
    ("String", ""): (_DATES, _NO_DATES, 0.02),
}
"""By type and name: what is usual, what is seldom, and how seldom."""

_JUNK = ("x", 1.5, True, [], {}, 2**40, None, [1, "x"], {"nothing": 1}, 5)
_ITEM_OF = {get.replace("_", ""): item for get, (_, item, _) in ASKABLE.items()}
_DEEPEST = 3


@dataclass
class Variable:
    """A declared variable: its type and default as spelled, and what each turn sends (nothing where not)."""

    type: str
    default: Any = None
    has_default: bool = False
    sent: list[Any] = field(default_factory=list)


NOT_SENT = object()


@dataclass
class InputValues:
    """The values, and the variables, of one operation."""

    draws: Draws
    caller: Caller
    variables: dict[str, Variable] = field(default_factory=dict)

    def argument(self, kind: GraphQLInputType, name: str) -> Any:
        """A value for an argument: as it is, or by a variable."""
        return self._here_or_sent(kind, name, 0, 0.45)

    def condition(self) -> Any:
        """Whether to skip or include: a literal or a variable."""
        if self.draws.chance(0.5):
            return self.draws.one((True, False))
        earlier = [name for name, each in self.variables.items() if each.type == "Boolean!"]
        if earlier and self.draws.chance(0.6):
            return Var(self.draws.one(earlier))
        return self._declared("Boolean!", lambda: self.draws.one((True, False)))

    def _here_or_sent(self, kind: Any, name: str, depth: int, chance: float) -> Any:
        if not self.draws.chance(chance):
            return self._value(kind, name, depth, plain=False)
        spelled = str(kind)
        if not spelled.endswith("!") and self.draws.chance(0.2):
            spelled += "!"
        return self._declared(spelled, lambda: self._value(kind, name, depth, plain=True))

    def _declared(self, spelled: str, value: Callable[[], Any]) -> Var:
        name = self.draws.one(("v", "first", "_", "is", "null_")) + str(len(self.variables))
        variable = self.variables[name] = Variable(spelled)
        if self.draws.chance(0.3):
            default = value()
            if not (default is None and spelled.endswith("!")):
                variable.has_default, variable.default = True, default
        may_miss = 0.25 if variable.has_default else 0.02 if spelled.endswith("!") else 0.15
        for _ in range(TURNS):
            sent = NOT_SENT if self.draws.chance(may_miss) else value()
            variable.sent.append(self.draws.one(_JUNK) if self.draws.chance(0.008) else sent)
        return Var(name)

    def _value(self, kind: Any, name: str, depth: int, *, plain: bool) -> Any:
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        elif self.draws.chance(0.04):
            return None
        if isinstance(kind, GraphQLList):
            return self._list(kind, name, depth, plain=plain)
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind, depth, plain=plain)
        if isinstance(kind, GraphQLEnumType):
            return Word(self.draws.one(self._words(kind, name)))
        return self._scalar(str(get_named_type(kind)), name)

    def _list(self, kind: GraphQLList[Any], name: str, depth: int, *, plain: bool) -> Any:
        if self.draws.chance(0.08):  # a single value stands for a list of it
            return self._value(kind.of_type, name, depth, plain=plain)
        return [
            self._inside(kind.of_type, name, depth, plain=plain)
            for _ in range(self.draws.one((1, 2, 2, 3, 0) if depth < _DEEPEST else (0, 1)))
        ]

    def _object(self, kind: GraphQLInputObjectType, depth: int, *, plain: bool) -> dict[str, Any]:
        given: dict[str, Any] = {}
        needed = [name for name, each in kind.fields.items() if isinstance(each.type, GraphQLNonNull)]
        open_ = [
            name for name in kind.fields if self._askable(name) and (depth < _DEEPEST or not self._nests(kind, name))
        ]
        for name in (*needed, *(self.draws.one(open_) for _ in range(self.draws.one((1, 1, 1, 2, 2, 0))) if open_)):
            if name not in given and (name not in needed or kind.fields[name].default_value or self.draws.chance(0.99)):
                given[name] = self._inside(kind.fields[name].type, name, depth + 1, plain=plain)
        return given

    def _inside(self, kind: Any, name: str, depth: int, *, plain: bool) -> Any:
        if plain:
            return self._value(kind, name, depth, plain=True)
        return self._here_or_sent(kind, name, depth, 0.08)

    def _askable(self, name: str) -> bool:
        """Whether the caller may ask about this at all: rarely told not to, for that refuses everything."""
        item = _ITEM_OF.get(name.lower())
        return item is None or item in self.caller.items or self.draws.chance(0.02)

    def _words(self, kind: GraphQLEnumType, name: str) -> tuple[str, ...]:
        words = tuple(kind.values)
        seen = tuple(each for each in words if self._askable(each.replace("_", "")))
        return seen or words

    @staticmethod
    def _nests(kind: GraphQLInputObjectType, name: str) -> bool:
        return get_named_type(kind.fields[name].type) is kind

    def _scalar(self, kind: str, name: str) -> Any:
        if kind == "ID":
            return self._id()
        usual, seldom, share = _SCALARS.get((kind, name)) or _SCALARS.get((kind, "")) or _SCALARS["String", ""]
        return self.draws.one(seldom if self.draws.chance(share) else usual)

    def _id(self) -> Any:
        if self.caller.person is not None and self.draws.chance(0.8):
            return Known(self.caller.person)
        if self.draws.chance(0.12):
            return self.draws.one(_NO_IDS)
        return Known(self.draws.one((*NEIGHBOURS, "aiko", "mei") if self.draws.chance(0.65) else PEOPLE))
