"""Selections from the schema: whatever it offers, under whatever name, behind fragments and conditions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
)
from input_values import InputValues
from spelling_graphql import CURSOR, Var, literal

from generated_draws import Draws
from sekisho.graph.governed import Governed, GovernedList
from sekisho.graph.queries import PERSONAL_ROOTS
from sekisho.graph.windows import TIMES

_LONG = "a_name_that_is_longer_than_the_sixty_three_bytes_of_an_identifier_"
ALIASES = (
    "a",
    "b",
    "c",
    "id",
    "node",
    "age",
    "value",
    "null",
    "_",
    "data",
    "edges",
    "subjects",
    f"{_LONG}1",
    f"{_LONG}2",
)
_MANY = (1, 2, 2, 3)
_FEW = (1, 1, 2)
_DEEPEST = 9


@dataclass
class Selections:
    """The selections of one document. Fields under one response key are the same field with the same arguments."""

    draws: Draws
    schema: GraphQLSchema
    governed: Mapping[str, Governed | GovernedList]
    values: InputValues
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)
    earlier: str | None = None
    _bound: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def roots(self) -> str:
        """The selections of the operation itself: mostly one root that reaches people."""
        return self._braced([self._part(self._query, 0) for _ in range(self.draws.one((1, 1, 1, 1, 1, 1, 2, 2, 3)))])

    @property
    def _query(self) -> GraphQLObjectType:
        query = self.schema.query_type
        if query is None:
            raise TypeError("the schema has no query type")
        return query

    def _inside(self, kind: GraphQLNamedType, depth: int) -> str:
        if self.draws.chance(0.002):  # allowed by the parser
            return "{ }"
        many = _MANY if kind.name in _governed_types(self.governed) else _FEW
        return self._braced([self._part(kind, depth) for _ in range(self.draws.one(many))])

    def _part(self, kind: GraphQLNamedType, depth: int) -> str:
        draws = self.draws
        if draws.chance(0.03):
            return f"{self._key(kind, '__typename', '')}__typename{self._conditions()}"
        if depth < _DEEPEST and draws.chance(0.09):
            return f"...{self._on(kind)}{self._conditions()} {self._inside(self._narrowed(kind), depth + 1)}"
        if depth < _DEEPEST and draws.chance(0.08):
            return f"...{self._fragment(kind, depth)}{self._conditions()}"
        if isinstance(kind, GraphQLInterfaceType) and draws.chance(0.93):
            subject = self._narrowed(kind)
            return f"... on {subject.name}{self._conditions()} {self._inside(subject, depth + 1)}"
        return self._field(kind, depth)

    def _field(self, kind: GraphQLNamedType, depth: int) -> str:
        name = self.draws.one(self._weighed(kind))
        told: GraphQLField = kind.fields[name]
        again = [
            (key, bound) for (where, key), bound in self._bound.items() if where == _scope(kind) and bound[0] == name
        ]
        if again and self.draws.chance(0.25):
            key, (_, arguments) = self.draws.one(again)
            alias = "" if key == name else f"{key}: "
        else:
            arguments = self._arguments(kind, name, told)
            alias = self._key(kind, name, arguments)
        inner = get_named_type(told.type)
        below = f" {self._inside(inner, depth + 1)}" if is_composite_type(inner) else ""
        return f"{alias}{name}{arguments}{self._conditions()}{below}"

    def _key(self, kind: GraphQLNamedType, name: str, arguments: str) -> str:
        """An alias, spelled, that nothing else goes by here."""
        wanted = self.draws.one(ALIASES) if self.draws.chance(0.2) else name
        bound = self._bound.setdefault((_scope(kind), wanted), (name, arguments))
        if bound != (name, arguments):
            wanted = f"x{len(self._bound)}"
            self._bound[_scope(kind), wanted] = (name, arguments)
        return "" if wanted == name else f"{wanted}: "

    def _arguments(self, kind: GraphQLNamedType, name: str, told: GraphQLField) -> str:
        chosen = [
            each
            for each, argument in told.args.items()
            if str(argument.type).endswith("!") or self.draws.chance(_ASKED.get(each, 0.2))
        ]
        if not self._times(kind, name):
            chosen = [each for each in chosen if each not in TIMES]
        if "first" in chosen and "last" in chosen and self.draws.chance(0.95):
            chosen.remove("last")
        given = {each: self.values.argument(told.args[each].type, each) for each in chosen}
        spelled = {each: literal(value, self.values.caller.pseudonym) for each, value in given.items()}
        if kind is self._query and "after" in given:
            self._ask_earlier(name, given["after"], spelled)
        return f"({', '.join(f'{each}: {text}' for each, text in spelled.items())})" if spelled else ""

    def _times(self, kind: GraphQLNamedType, name: str) -> bool:
        """Whether the caller may ask for a window of time: rarely told not to, for that refuses everything."""
        declared = self.governed.get(f"{kind.name}.{name}")
        seen = isinstance(declared, GovernedList) and declared.time_item in self.values.caller.items
        return seen or self.draws.chance(0.04)

    def _ask_earlier(self, name: str, after: object, spelled: Mapping[str, str]) -> None:
        """The operation that the cursor comes from: the same question from its beginning."""
        sent = self.values.variables[after.name].sent if isinstance(after, Var) else [after]
        if self.earlier is None and CURSOR in [each for each in sent if isinstance(each, str)]:
            same = {each: text for each, text in spelled.items() if each not in ("first", "after")}
            asked = ", ".join(f"{each}: {text}" for each, text in (same | {"first": "2"}).items())
            self.earlier = f"{{ page: {name}({asked}) {{ edges {{ cursor }} pageInfo {{ endCursor }} }} }}"

    def _fragment(self, kind: GraphQLNamedType, depth: int) -> str:
        fitting = [name for name, (on, _) in self.fragments.items() if _same(on, kind.name)]
        if fitting and self.draws.chance(0.4):
            return self.draws.one(fitting)
        on = self._narrowed(kind) if self.draws.chance(0.85) else kind
        body = self._inside(on, depth + 1)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (on.name, body)
        return name

    def _on(self, kind: GraphQLNamedType) -> str:
        narrowed = self._narrowed(kind)
        if narrowed is not kind or self.draws.chance(0.6):
            return f" on {narrowed.name}"
        return ""

    def _narrowed(self, kind: GraphQLNamedType) -> GraphQLNamedType:
        return self.schema.get_possible_types(kind)[0] if isinstance(kind, GraphQLInterfaceType) else kind

    def _conditions(self) -> str:
        if not self.draws.chance(0.06):
            return ""
        said = self.draws.one((("skip",), ("include",), ("include",), ("skip", "include")))
        return "".join(f" @{word}(if: {literal(self.values.condition(), str)})" for word in said)

    def _weighed(self, kind: GraphQLNamedType) -> tuple[str, ...]:
        """The fields of a type, each as often as it is worth asking for."""
        return tuple(name for name in kind.fields for _ in range(self._weight(kind, name)))

    def _weight(self, kind: GraphQLNamedType, name: str) -> int:
        if kind is self._query:
            own = self.values.caller.person is not None
            return _ROOTS[own].get(name, 1)
        declared = self.governed.get(f"{kind.name}.{name}")
        if declared is not None:
            return 6 if declared.item in self.values.caller.items else 1
        inner = get_named_type(kind.fields[name].type)
        if kind.name not in _LEADING or not is_composite_type(inner):
            return 2 if kind.name in _LEADING else 1
        return 14 if inner.name in _LEADING else 1 + max(self._weight(inner, below) for below in inner.fields)

    @staticmethod
    def _braced(parts: list[str]) -> str:
        return "{ " + " ".join(parts) + " }"


_ASKED = {"first": 0.55, "where": 0.35, "orderBy": 0.3, "after": 0.12, "last": 0.25, "kind": 0.3}
_ROOTS = {
    False: {"subjects": 14, "subject": 6, "node": 5, "me": 1},
    True: {"me": 14, "subjects": 3, "subject": 4, "node": 4},
}
_LEADING = frozenset({"SubjectConnection", "SubjectEdge", "Subject"})


def _scope(kind: GraphQLNamedType) -> str:
    """Where response keys may meet: an interface and its type are one."""
    return "Subject" if kind.name == "Node" else kind.name


def _same(one: str, other: str) -> bool:
    return one == other or {one, other} == {"Node", "Subject"}


def _governed_types(governed: Mapping[str, object]) -> frozenset[str]:
    return frozenset(coordinate.partition(".")[0] for coordinate in governed) | PERSONAL_ROOTS
