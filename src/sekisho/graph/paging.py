"""A page of people as it is asked for: judged, sealed, and what of it the record keeps."""

from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.declaration import Refused
from sekisho.graph.filters import SubjectOrder, SubjectWhere, condition, ordering
from sekisho.graph.limits import size
from sekisho.graph.operation import Circumstances
from sekisho.graph.releases import Use
from sekisho.graph.sealing import Cursors
from sekisho.store.conditions import Asked, asked_in
from sekisho.store.questions import PageQuestion, Position
from sekisho.vocabulary import Refusal, Transform


@dataclass(frozen=True, slots=True)
class AskedPage:
    """A page that may be asked for, and the cursors that go with it."""

    question: PageQuestion
    cursors: Cursors

    def uses(self) -> Iterator[tuple[int, Use, Transform]]:
        """What was filtered and ordered by: the place among the question's `asked`, the use, and what it sees."""
        question = self.question
        filtered = {asked.coordinate for asked in asked_in(question.condition)}
        for place, asked in enumerate(question.asked):
            if asked.coordinate in filtered:
                yield place, Use(asked.coordinate, "FILTER", asked.item), asked.transform
            if question.ordering is not None and question.ordering.asked.coordinate == asked.coordinate:
                yield place, Use(asked.coordinate, "ORDER", asked.item), asked.transform


def page_asked(
    here: Circumstances,
    first: int | None,
    after: str | None,
    where: SubjectWhere | None,
    order_by: SubjectOrder | None,
) -> AskedPage:
    """The page that these arguments of `subjects` ask for. Raises `Refused`, before data is touched."""
    limits = here.limits
    wanted, order = condition(here, where), ordering(here, order_by)
    asked = _distinct((*asked_in(wanted), *((order.asked,) if order else ())))
    study = here.declared.study if here.declared else None
    bound = ["subjects", study, repr(where), repr(order_by)]
    cursors = Cursors(here.keys.cursor_key, here.caller.client_id, here.lens, bound)
    position = _position(cursors, after)
    rows = size(first, limits.page, limits.page_max, "first")
    return AskedPage(PageQuestion(rows, limits.scan, position, wanted, order, asked), cursors)


def _position(cursors: Cursors, after: str | None) -> Position | None:
    position = cursors.open(after) if after is not None else None
    if after is not None and position is None:
        raise Refused(Refusal.CURSOR_INVALID, "this cursor belongs to another caller, purpose or query; start over")
    return position


def _distinct(asked: tuple[Asked, ...]) -> tuple[Asked, ...]:
    return tuple({each.coordinate: each for each in asked}.values())
