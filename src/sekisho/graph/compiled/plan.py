"""A plan: the statement of one operation under one lens, and how its row becomes the answer. Written once, kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from sqlalchemy import BigInteger, Integer, Text, Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from sekisho.graph.compiled.answer import RootAnswer
from sekisho.graph.compiled.asking import windows_parametrised
from sekisho.graph.compiled.compiling import Compiled, compiled
from sekisho.graph.compiled.gate import gate
from sekisho.graph.compiled.statement import Asked, RootStatement
from sekisho.graph.compiled.tree import Selection
from sekisho.graph.compiled.withheld import Withheld
from sekisho.graph.operation import Circumstances
from sekisho.store.conditions import parametrised
from sekisho.store.questions import Masks, Position, Reach
from sekisho.vocabulary import RecipientType


@dataclass(frozen=True, slots=True)
class Plan:
    """What is kept of one operation: its statement, and a reader for each governed root field."""

    statement: Compiled
    answers: tuple[RootAnswer, ...]
    withheld: Withheld


def plan(selection: Selection, asked: Sequence[Asked], here: Circumstances, reach: Reach, *, rejecting: bool) -> Plan:
    """Write the statement. Raises `sekisho.graph.compiled.tree.NotCompiled`."""
    before = gate(of_case=reach.masks is not None)
    within = reach_parametrised(reach)
    evidenced = here.lens.recipient_type is not RecipientType.SELF and here.override is None and not here.handling
    roots = [
        RootStatement(root, place, here, within, _parametrised(each, place), evidenced, before, rejecting)
        for place, (root, each) in enumerate(zip(selection.governed, asked, strict=True))
    ]
    statement = compiled(roots, before, rejecting=rejecting)
    answers = tuple(RootAnswer.of(root, statement.columns) for root in roots)
    return Plan(statement, answers, Withheld(answers))


def reach_parametrised(reach: Reach) -> Reach:
    """The same reach with parameters for what differs from caller to caller."""
    uuids, bits = ARRAY(Uuid()), ARRAY(BigInteger())
    masks = Masks(
        bindparam("mask_profiles", type_=ARRAY(Integer())),
        bindparam("mask_items", type_=bits),
        bindparam("mask_sources", type_=bits),
    )
    return Reach(
        bindparam("log_policy_version", type_=Text()),
        bindparam("log_lens_key", type_=Text()),
        None if reach.sources is None else bindparam("sources", type_=BigInteger()),
        None if reach.study is None else bindparam("study", type_=Text()),
        None if reach.only is None else bindparam("only", type_=uuids),
        None if reach.masks is None else masks,
        reach.participating,
        bindparam("lens_id", type_=Integer()),
    )


def _parametrised(asked: Asked, place: int) -> Asked:
    def parameter(name: str, value: Any) -> Any:
        if value is None:
            return None
        return bindparam(name, type_=Text() if isinstance(value, str) else None)

    windows = windows_parametrised(asked, place, parameter)
    question = asked.question
    if question is None:
        return replace(asked, windows=windows)
    names = (f"operand_{place}_{number}" for number in count())
    after = question.after
    if after is not None:
        value: Any = None if after.value is None else bindparam(f"after_value_{place}")
        after = Position(bindparam(f"after_{place}", type_=Uuid()), value)
    condition = None if question.condition is None else parametrised(question.condition, names)
    return replace(asked, windows=windows, question=replace(question, after=after, condition=condition))
