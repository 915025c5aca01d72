"""One governed root field in SQL: the page, every permitted value behind its bit, JSON and the record's letters.

INVARIANT (a refused value is never selected): what a lens can never see is not in the text; what a person withholds is
NULL before anything else looks at it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    false,
    func,
    lateral,
    literal_column,
    null,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from sekisho.graph.compiled import json_text
from sekisho.graph.compiled.gate import Gate
from sekisho.graph.compiled.items import Items
from sekisho.graph.compiled.letters import NOTHING, Letters, column_of, values_in
from sekisho.graph.compiled.tree import Edges, Listed, PageFacts, Root, SealedCursor, Shown
from sekisho.graph.operation import Circumstances
from sekisho.graph.paging import AskedPage
from sekisho.graph.releases import Use
from sekisho.store import pages
from sekisho.store.conditions import bit_of
from sekisho.store.questions import PageQuestion, Reach, number, visible_rows
from sekisho.store.rows import Window
from sekisho.vocabulary import Transform

Expression = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one root field is asked with: the page, or nobody at all, and a window for each list."""

    windows: tuple[Window, ...]
    page: AskedPage | None = None
    question: PageQuestion | None = None
    nobody: bool = False


@dataclass
class RootStatement:
    """The relation of one root field: a row for each person found, in the order of the answer."""

    root: Root
    place: int
    here: Circumstances
    reach: Reach
    asked: Asked
    evidenced: bool
    gate: Gate
    rejecting: bool
    _ordered: pages.OrderedPage | None = None

    def __post_init__(self) -> None:
        """The uses, in the record's order, and the relation itself."""
        self.item = Items(self.here)
        self.shown = list(self.root.shown())
        self.asked_uses = list(self.asked.page.uses()) if self.asked.page else []
        page = self._page()
        valued = self._valued(page)
        self.relation = self._told(valued)
        self.page = page

    @property
    def uses(self) -> tuple[Use, ...]:
        """Every use there can be."""
        return tuple(sorted(self._letters_of))

    @property
    def transforms(self) -> tuple[str, ...]:
        """How each use is shown; empty where it never is."""
        asked = {use: transform for _, use, transform in self.asked_uses}
        return tuple(_word(asked.get(use) or self.item(use.item).transform) for use in self.uses)

    @property
    def lists(self) -> tuple[str, ...]:
        """The coordinates of every list that can be counted."""
        return tuple(sorted({each.coordinate for each in self._live_lists()}))

    @property
    def scan_end(self) -> Select[Any] | None:
        """How far the scan came: asked for only where the answer tells whether it can go on."""
        question = self.asked.question
        if question is None or question.ordering is not None or not self.tells_end:
            return None
        return pages.scan_end(self.reach, question)

    @property
    def order_end(self) -> Select[Any] | None:
        """Where the look at an order ended, if it can go on: asked for like `scan_end`."""
        return self._ordered.end if self._ordered is not None and self.tells_end else None

    @property
    def tells_end(self) -> bool:
        """Whether the answer has facts of the page."""
        return any(isinstance(part, PageFacts) for part in self.root.page)

    @property
    def tells_places(self) -> bool:
        """Whether the answer needs the order's value of each person: for cursors."""
        cursors = (each for part in self.root.page if isinstance(part, Edges) for each in part.fields)
        return self.tells_end or any(isinstance(each, SealedCursor) for each in cursors)

    def _page(self) -> FromClause:
        """People in order, numbered from 1."""
        question, also = self.asked.question, (false(),) if self.asked.nobody else (self.gate.held,)
        if question is None:
            chosen = pages.person(self.reach, bindparam(f"id_{self.place}"), *also)
            return chosen.add_columns(literal_column("1", Integer()).label("n")).subquery(f"page_{self.place}")
        size = number(question.size + 1 if self.tells_end else question.size)
        if question.ordering is not None:
            self._ordered = pages.ordered_page(self.reach, question, question.ordering, *also)
            found = self._ordered.people.limit(size).subquery("found")
            order = found.c.place
        else:
            found = pages.scanned_page(self.reach, question, *also).limit(size).subquery("found")
            order = found.c.subject_id
        numbered = select(found, func.row_number().over(order_by=order).label("n"))
        if self.tells_end:
            return numbered.cte(f"page_{self.place}").prefix_with("MATERIALIZED", dialect="postgresql")
        return numbered.subquery(f"page_{self.place}")

    def _valued(self, page: FromClause) -> FromClause:
        """Each person with their permitted values and the rows of their lists."""
        items = page.c["items"] if self.root.is_page else case((page.c.present, page.c["items"]), else_=0)
        columns = [
            page.c.n,
            page.c.subject_id,
            page.c.handle,
            page.c.profile_id,
            page.c.present,
            items.label("items"),
            page.c.sources,
            page.c.value,
            self._acceptance(page).label("acceptance"),
            *(page.c[f"letter{place}"] for place in range(len(self._letters()))),
        ]
        joined, permitted = page, self._permitted(page, items)
        for table in dict.fromkeys(each.declared.value.table for each in self.shown if self._readable(each)):
            joined = joined.join(table, table.c.subject_id == page.c.subject_id, isouter=True)
        if any(self.gate.dates(value) for value, _ in permitted.values()):
            joined = joined.join(self.gate.relation, true())
        for name, (value, source) in permitted.items():
            columns += [value.label(name), source.label(f"{name}_source")]
        for each in self._live_lists():
            rows = self._rows(each, page, items)
            joined = joined.join(rows, true())
            columns += [column.label(f"l{each.number}_{column.name}") for column in rows.c]
        chosen = select(*columns).select_from(joined)
        if self.asked.question is not None and self.tells_end:
            chosen = chosen.where(page.c.n <= number(self.asked.question.size))
        # OFFSET 0 keeps the values from being worked out again wherever they are looked at.
        return chosen.offset(literal_column("0")).subquery(f"valued_{self.place}")

    def _acceptance(self, page: FromClause) -> Expression:
        return page.c.evidence["acceptance"].astext if self.evidenced else literal_column("''", Text())

    def _letters(self) -> Sequence[Any]:
        return self.asked.question.asked if self.asked.question is not None else ()

    def _readable(self, each: Shown) -> bool:
        return self.item(each.declared.item).refusal is None

    def _permitted(self, page: FromClause, items: Expression) -> dict[str, tuple[Expression, Expression]]:
        """Each distinct readable value of a person, NULL unless permitted, with its source."""
        found: dict[str, tuple[Expression, Expression]] = {}
        for each in self.shown:
            item = self.item(each.declared.item)
            if item.refusal is None and item.transform is not None:
                value = each.declared.value
                permitted = and_(bit_of(items, item.bit), bit_of(page.c.sources, value.source))
                found[column_of(each)] = (case((permitted, self.gate.dated(value.shown[item.transform]))), value.source)
        return found

    def _live_lists(self) -> Iterator[Listed]:
        return (each for each in self.root.lists if self.item(each.declared.item).refusal is None)

    def _rows(self, listed: Listed, page: FromClause, items: Expression) -> FromClause:
        """One person's rows as JSON, how many there are, and of which values there is one."""
        source, item = listed.declared.rows, self.item(listed.declared.item)
        rows = visible_rows(
            self.reach,
            source,
            self.asked.windows[listed.number],
            page.c.subject_id,
            page.c.sources,
            page.c.participations,
        ).where(bit_of(items, item.bit))
        rows = rows.correlate(page)
        columns: dict[str, Expression] = {"row_id": source.table.c.row_id, "time": source.time}
        for each in values_in(listed):
            columns |= self._row_value(each, listed, items)
        found = rows.with_only_columns(*(value.label(name) for name, value in columns.items())).subquery("r")
        pieces = json_text.of_object(
            listed.fields, lambda each: found.c[column_of(each)] if column_of(each) in columns else None
        )
        # Oldest first, whichever end the window was taken from.
        text = aggregate_order_by(json_text.comma, found.c.time, found.c.row_id.desc())
        told = [
            func.count().label("n"),
            func.string_agg(json_text.text_of(pieces), text).label("text"),
            *(func.count(found.c[name]).label(name) for name in columns if name not in ("row_id", "time")),
        ]
        return lateral(select(*told).select_from(found)).alias(f"l{listed.number}")

    def _row_value(self, each: Shown, listed: Listed, items: Expression) -> Mapping[str, Expression]:
        item, value = self.item(each.declared.item), each.declared.value
        if item.refusal is not None or item.transform is None:
            return {}
        shown = value.shown[item.transform]
        if each.declared.item != listed.declared.item:
            shown = case((bit_of(items, item.bit), shown))
        return {column_of(each): shown}

    def _told(self, valued: FromClause) -> CTE:
        """Each person with letters, counts and text."""
        told = Letters(valued, self.item, self.shown, self.root.lists, self.asked_uses)
        self._letters_of = told.of_uses()
        letters: Expression = func.concat(*(self._letters_of[use] for use in self.uses), literal_column("''"))
        verdicts: Expression = func.concat(*(self._letters_of[use] for use in self.uses if use.use == "VALUE"), NOTHING)
        if not self.root.is_page:
            absent = literal_column(f"'{'-' * len(self.uses)}'", Text())
            letters = case((valued.c.present, letters), else_=absent)
            verdicts = case((valued.c.present, verdicts), else_=NOTHING)
        columns = [
            valued.c.n,
            valued.c.subject_id,
            valued.c.handle,
            valued.c.profile_id,
            valued.c.present,
            valued.c.value,
            valued.c.acceptance,
            letters.label("letters"),
            *((verdicts.label("verdicts"),) if self.rejecting else ()),
            *(told.counted(name).label(f"count{place}") for place, name in enumerate(self.lists)),
            *(told.row_count(each).label(f"rows{each.number}") for each in self.root.lists),
            *(text.label(f"text{place}") for place, text in enumerate(self._texts(valued))),
        ]
        relation = select(*columns).select_from(valued).cte(f"shown_{self.place}")
        return relation.prefix_with("MATERIALIZED", dialect="postgresql")

    def _texts(self, valued: FromClause) -> Iterator[Expression]:
        def spelled(each: Shown | Listed) -> Expression | None:
            item = self.item(each.declared.item)
            if item.refusal is not None:
                return None
            if isinstance(each, Shown):
                return valued.c[column_of(each)]
            rows = func.concat("[", valued.c[f"l{each.number}_text"], "]")
            return case((bit_of(valued.c["items"], item.bit), rows), else_=null())

        if not self.root.is_page:
            yield json_text.text_of(json_text.of_object(self.root.person, spelled))
        for part in self.root.page:
            if isinstance(part, Edges):
                yield json_text.text_of(json_text.of_object(part.fields, spelled))


def _word(transform: Transform | None) -> str:
    return transform.value if transform else ""
