"""The root fields. Those that reach people are governed; the others tell about the policy and the caller."""

from collections.abc import Awaitable
from typing import Annotated, Any
from uuid import UUID

import strawberry

from sekisho.declaration import Refused
from sekisho.graph.filters import SubjectOrder, SubjectWhere
from sekisho.graph.governed import structural, subject_type
from sekisho.graph.operation import Operation
from sekisho.graph.paging import AskedPage, page_asked
from sekisho.graph.reached import Person, Reached
from sekisho.graph.types.notice import (
    DisclosurePurposeNotice,
    PolicyNotice,
    PurposeNotice,
    Viewer,
    disclosure_purposes,
    policy,
    purposes,
    viewer,
)
from sekisho.graph.types.subject import Node, Subject

PERSONAL_ROOTS = frozenset({"me", "subject", "subjects", "node"})
"""Root fields that reach people: they need a declared purpose and write the record."""


@subject_type
class PageInfo:
    """Whether the scan can go on: a page may be shorter than asked, or empty, and go on all the same."""

    goes_on: strawberry.Private[bool]
    start: strawberry.Private[str | None]
    end: strawberry.Private[str | None]

    has_next_page: bool = structural(lambda root: root.goes_on)
    has_previous_page: bool = structural(lambda: False, "Pages go forward only.")
    start_cursor: str | None = structural(lambda root: root.start)
    end_cursor: str | None = structural(lambda root: root.end)


@subject_type
class SubjectEdge:
    """One data subject on a page."""

    at: strawberry.Private[str]
    found: strawberry.Private[Subject]

    cursor: str = structural(lambda root: root.at)
    node: Subject = structural(lambda root: root.found)


@subject_type
class SubjectConnection:
    """A page of data subjects: those this caller and purpose may know of. There are no totals."""

    found: strawberry.Private[list[SubjectEdge]]
    page: strawberry.Private[PageInfo]

    edges: list[SubjectEdge] = structural(lambda root: root.found)
    page_info: PageInfo = structural(lambda root: root.page)


def _subject(info: strawberry.Info, id: strawberry.ID) -> Awaitable[Any]:  # noqa: A002 - the field's argument
    return _one(info.context, str(id), _root(info))


def _me(info: strawberry.Info) -> Awaitable[Any]:
    return _self(info.context, _root(info))


def _subjects(
    info: strawberry.Info,
    first: Annotated[int | None, strawberry.argument(description="How many people at most.")] = None,
    after: Annotated[str | None, strawberry.argument(description="The cursor to go on from.")] = None,
    where: SubjectWhere | None = None,
    order_by: SubjectOrder | None = None,
) -> Awaitable[Any]:
    operation: Operation = info.context
    try:
        asked = page_asked(operation.circumstances, first, after, where, order_by)
    except Refused as refused:
        raise operation.refuse(refused) from None
    return _page(operation, asked, _root(info))


async def _one(operation: Operation, pseudonym: str, root: str) -> Subject | None:
    return await _person(operation, operation.reveal(pseudonym), root)


async def _self(operation: Operation, root: str) -> Subject | None:
    own = operation.circumstances.caller.subject_id
    return await _person(operation, own if own is not None and operation.reach.only == (own,) else None, root)


async def _person(operation: Operation, subject_id: UUID | None, root: str) -> Subject | None:
    """One person, recorded as asked about whether or not they are there for this lens."""
    release = operation.release(root)
    operation.proceed()
    row = await operation.snapshot.person(operation.reach, subject_id) if subject_id else None
    if row is None:
        return None
    (person,) = await operation.people([row])
    release.reach([person])
    return Subject(reached=Reached(person, root)) if row.present else None


async def _page(operation: Operation, asked: AskedPage, root: str) -> SubjectConnection:
    release = operation.release(root)
    operation.proceed()
    cursors = asked.cursors
    page = await operation.snapshot.page(operation.reach, asked.question)
    people = await operation.people(page.people)
    release.reach(people)
    for person in people:
        _note_asked(operation, root, person, asked)
    edges = [
        SubjectEdge(at=cursors.seal(row.position), found=Subject(reached=Reached(person, root)))
        for row, person in zip(page.people, people, strict=True)
    ]
    end = cursors.seal(page.end) if page.end else None
    return SubjectConnection(
        found=edges, page=PageInfo(goes_on=page.more, start=edges[0].at if edges else None, end=end)
    )


def _note_asked(operation: Operation, root: str, person: Person, page: AskedPage) -> None:
    """What was filtered or ordered by is recorded as disclosed."""
    for place, use, transform in page.uses():
        letter = person.letters[place]
        operation.release(root).note(person, use, letter, transform if letter in "ve" else None)


def _root(info: strawberry.Info) -> str:
    return str(info.path.key)


@strawberry.type
class Query:
    """関所: ask for people through `subject`, `subjects` and `node`; ask about the rules through the rest."""

    me: Subject | None = strawberry.field(resolver=_me, description="The data subject whose token this is.")
    subject: Subject | None = strawberry.field(
        resolver=_subject, description="One data subject by pseudonym; null when unknown to this caller and purpose."
    )
    subjects: SubjectConnection | None = strawberry.field(
        resolver=_subjects, description="Data subjects, page by page (Relay connection)."
    )
    node: Node | None = strawberry.field(resolver=_subject, description="Anything with an id (Relay).")
    viewer: Viewer = strawberry.field(
        resolver=viewer, description="Who the gateway thinks you are, and what you may see."
    )
    policy: PolicyNotice = strawberry.field(resolver=policy, description="The policy in force.")
    purposes: list[PurposeNotice] = strawberry.field(
        resolver=purposes, description="利用目的の通知: every purpose of use."
    )
    disclosure_purposes: list[DisclosurePurposeNotice] = strawberry.field(
        resolver=disclosure_purposes, description="第三者への開示目的: every purpose of disclosure."
    )
