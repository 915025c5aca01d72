"""A statement with line breaks where a reader wants them; nothing but white space changes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""E'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | \w+(?:\.\w+)* | \s+ | [^\w\s]""",
    re.VERBOSE | re.DOTALL,
)
_CLAUSES = frozenset({"SELECT", "FROM", "WHERE", "ORDER", "GROUP", "LIMIT", "INSERT", "UNION", "RETURNING"})
_QUERIES = frozenset({"SELECT", "INSERT", "WITH"})
_OPENING, _CLOSING = frozenset("(["), frozenset(")]")


@dataclass
class _Level:
    """What stands between two brackets: a query, whose lines begin at `indent`, or anything else, on one line."""

    is_query: bool
    indent: int
    selecting: bool = False


def laid_out(statement: str) -> str:
    """`statement` with each clause, column, join and condition of a query on a line of its own."""
    return "".join(_pieces(_words(statement))).strip()


def _words(statement: str) -> list[tuple[bool, str]]:
    """The statement's tokens, each with whether white space stands before it."""
    found, spaced = [], False
    for match in _TOKEN.finditer(statement):
        if match[0].isspace():
            spaced = True
            continue
        found.append((spaced, match[0]))
        spaced = False
    return found


def _pieces(words: list[tuple[bool, str]]) -> Iterator[str]:
    levels, line, before = [_Level(is_query=True, indent=0)], 0, ""
    for (spaced, word), (_, after) in zip(words, [*words[1:], (False, "")], strict=True):
        level = levels[-1]
        indent: int | None = None
        if word in _CLOSING and len(levels) > 1:
            levels.pop()
            indent = level.indent - 1 if level.is_query else None
        elif level.is_query:
            indent = _indent(level, word, before)
            level.selecting = level.selecting or word == "SELECT"
        line = line if indent is None else indent
        yield (" " if spaced else "") + word if indent is None else "\n" + "  " * indent + word
        if word in _OPENING:
            levels.append(_Level(is_query=after in _QUERIES, indent=line + 1))
        before = word


def _indent(level: _Level, word: str, before: str) -> int | None:
    """How far a line that begins with `word` is indented; `None` where no line begins."""
    if word in _CLAUSES:
        return level.indent
    if before == "," and not level.selecting:  # between the named queries of WITH
        return level.indent
    begins = before == "," or word in {"LEFT", "AND"} or (word == "JOIN" and before != "OUTER")
    return level.indent + 1 if begins else None
