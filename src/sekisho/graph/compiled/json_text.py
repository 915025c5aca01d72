"""JSON as PostgreSQL writes it: constant text with the values in between.

Where only the gateway knows what stands there (a pseudonym, a sealed cursor), the text has `MARK`: a control character
that JSON never holds unescaped, so no value can be mistaken for it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal_column

from sekisho.graph.compiled.tree import Constant, Found, Group, Listed, Pseudonym, SealedCursor, Shown, Spelling

MARK = "\x01"
_MOST_ARGUMENTS = 99  # a function of PostgreSQL takes a hundred

Expression = ColumnElement[Any]
Pieces = Iterator[str | Expression]
Lookup = Callable[[Any], Expression | None]

comma: Expression = literal_column("','", Text())


def of_object(fields: Iterable[Any], value: Lookup) -> Pieces:
    """The pieces of an object. `value` gives the expression of a governed value or list, `None` where none is read."""
    yield "{"
    for place, each in enumerate(fields):
        yield f'{"," if place else ""}"{each.key}":'
        yield from _member(each, value)
    yield "}"


def text_of(pieces: Pieces) -> Expression:
    """The pieces as one expression."""
    merged: list[Expression] = []
    constant = ""
    for each in pieces:
        if isinstance(each, str):
            constant += each
            continue
        if constant:
            merged.append(quoted(constant))
            constant = ""
        merged.append(each)
    if constant:
        merged.append(quoted(constant))
    while len(merged) > _MOST_ARGUMENTS:
        starts = range(0, len(merged), _MOST_ARGUMENTS)
        merged = [func.concat(*merged[start : start + _MOST_ARGUMENTS]) for start in starts]
    return merged[0] if len(merged) == 1 else func.concat(*merged)


def quoted(text: str) -> Expression:
    """A text as part of the statement."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return literal_column(f"E'{escaped}'", Text())


def marks(fields: Iterable[Any]) -> Iterator[type[Pseudonym] | type[SealedCursor]]:
    """What stands at each mark of an object, in order."""
    for each in fields:
        if isinstance(each, (Pseudonym, SealedCursor)):
            yield type(each)
        elif isinstance(each, (Group, Found)):
            yield from marks(each.fields)


def _member(each: Any, value: Lookup) -> Pieces:
    if isinstance(each, Constant):
        yield each.text
    elif isinstance(each, (Pseudonym, SealedCursor)):
        yield f'"{MARK}"'
    elif isinstance(each, (Group, Found)):
        yield from of_object(each.fields, value)
    else:
        found = value(each)
        yield "null" if found is None else _spelled(each, found)


def _spelled(each: Shown | Listed, found: Expression) -> Expression:
    null_text = quoted("null")
    if isinstance(each, Listed):
        return func.coalesce(found, null_text)
    if each.spelling is Spelling.NUMBER:
        return func.coalesce(cast(found, Text), null_text)
    if each.spelling is Spelling.WORD:
        return func.coalesce(quoted('"').concat(found).concat(quoted('"')), null_text)
    return func.coalesce(cast(func.to_json(found), Text), null_text)
