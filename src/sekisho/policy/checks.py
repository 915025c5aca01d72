"""What must hold across a policy document, beyond the form of its parts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any

from pydantic import BaseModel

from sekisho.policy import form
from sekisho.policy.document import MAX_ITEMS
from sekisho.vocabulary import (
    AccountState,
    DataCategory,
    DisclosurePurpose,
    PartialWithdrawal,
    Purpose,
    RecipientType,
    ServiceContext,
    SourceKind,
    Transform,
)

Place = tuple[str | int, ...]

_SHOWN_AS = {
    Transform.YEAR: frozenset({"birthDate"}),
    Transform.BAND: frozenset({"age"}),
    Transform.MASK: frozenset({"email"}),
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and where in the document."""

    place: Place
    message: str


def mistakes(told: form.PolicyForm) -> list[Mistake]:
    """Everything that is wrong with a document of the right form."""
    return [
        *_words(told),
        *_items(told),
        *_lines(told, told.text.lines),
        *_prefixes(told),
        *_withdrawal(told),
        *_purposes(told),
        *_literal(told),
        *_columns(told.minimisation),
        *_rows(told),
        *_recipient_rules(told),
    ]


def _words(told: form.PolicyForm) -> Iterator[Mistake]:
    lists: tuple[tuple[str, Sequence[Any], type[StrEnum]], ...] = (
        ("services", told.services, ServiceContext),
        ("categories", told.categories, DataCategory),
        ("sources", told.sources, SourceKind),
        ("account_states", told.account_states, AccountState),
        ("recipients", told.recipients, RecipientType),
    )
    for key, entries, words in lists:
        yield from _twice([((key, at, "id"), entry.id) for at, entry in enumerate(entries)])
        yield from _absent(key, words, {entry.id for entry in entries})


def _absent(key: str, words: Iterable[StrEnum], named: set[Any]) -> Iterator[Mistake]:
    for word in words:
        if word not in named:
            yield Mistake((key,), f"`{word}` is missing from `{key}`; every word of the vocabulary stands there once")


def _twice(named: Iterable[tuple[Place, str]]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for place, name in named:
        if name in seen:
            yield Mistake(place, f"`{name}` stands twice; give each its own")
        seen.add(name)


def _items(told: form.PolicyForm) -> Iterator[Mistake]:
    places: list[tuple[Place, str]] = [
        (("categories", at, "items", nth, "id"), item.id)
        for at, category in enumerate(told.categories)
        for nth, item in enumerate(category.items)
    ]
    never = [(("never_acquired", at, "id"), entry.id) for at, entry in enumerate(told.never_acquired)]
    yield from _twice([*places, *never])
    if len(places) > MAX_ITEMS:
        yield Mistake(places[MAX_ITEMS][0], f"`{places[MAX_ITEMS][1]}` is one item too many; masks hold {MAX_ITEMS}")


def _lines(model: BaseModel, last: int, place: Place = ()) -> Iterator[Mistake]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if name == "line" and value is not None and not 1 <= value <= last:
            yield Mistake((*place, name), f"`{value}` is not a line of the text; one of: 1 to {last}")
        elif isinstance(value, BaseModel):
            yield from _lines(value, last, (*place, name))
        elif isinstance(value, list):
            for at, entry in enumerate(value):
                if isinstance(entry, BaseModel):
                    yield from _lines(entry, last, (*place, name, at))


def _prefixes(told: form.PolicyForm) -> Iterator[Mistake]:
    known = ", ".join(told.prefixes)
    for place, terms in _all_terms(told):
        for at, term in enumerate(terms):
            prefix, colon, name = term.partition(":")
            if not colon or not name or prefix not in told.prefixes:
                yield Mistake((*place, "dpv", at), f"`{term}` has no known prefix; one of: {known}")


def _all_terms(told: form.PolicyForm) -> Iterator[tuple[Place, list[str]]]:
    for place, entry in _tree(("purposes",), told.purposes):
        yield place, entry.dpv
    for place, disclosure in _tree(("disclosures",), told.disclosures):
        yield place, disclosure.dpv
    for at, recipient in enumerate(told.recipients):
        yield ("recipients", at), recipient.dpv


def _tree(place: Place, entries: Sequence[Any]) -> Iterator[tuple[Place, Any]]:
    for at, entry in enumerate(entries):
        yield (*place, at), entry
        yield from _tree((*place, at, "children"), entry.children)


def _withdrawal(told: form.PolicyForm) -> Iterator[Mistake]:
    narrows = told.partial_withdrawal is PartialWithdrawal.NARROWS
    if narrows and (told.deviates_from is None or told.deviation_reason is None):
        yield Mistake(
            ("partial_withdrawal",),
            "`narrows` departs from the text; name the line in `deviates_from` and say why in `deviation_reason`",
        )
    if not narrows and (told.deviates_from is not None or told.deviation_reason is not None):
        key = "deviates_from" if told.deviates_from is not None else "deviation_reason"
        yield Mistake((key,), "`ends_use` follows the text; remove `deviates_from` and `deviation_reason`")
    if told.deviates_from is not None and not 1 <= int(told.deviates_from[1:]) <= told.text.lines:
        yield Mistake(
            ("deviates_from",), f"`{told.deviates_from}` is not a line of the text; one of: L1 to L{told.text.lines}"
        )


def _purposes(told: form.PolicyForm) -> Iterator[Mistake]:
    trees: tuple[tuple[str, Sequence[Any], type[Purpose | DisclosurePurpose]], ...] = (
        ("purposes", told.purposes, Purpose),
        ("disclosures", told.disclosures, DisclosurePurpose),
    )
    for key, entries, words in trees:
        yield from _under_parent((key,), entries, None)
        placed = list(_tree((key,), entries))
        yield from _twice([((*place, "id"), entry.id) for place, entry in placed])
        yield from _twice([((*place, "code"), entry.code) for place, entry in placed])
        yield from _absent(key, words, {entry.id for _, entry in placed})


def _under_parent(place: Place, entries: Sequence[Any], parent: StrEnum | None) -> Iterator[Mistake]:
    for at, entry in enumerate(entries):
        if entry.id.parent is not parent:
            where = f"under `{entry.id.parent}`" if entry.id.parent else "at the top"
            yield Mistake((*place, at, "id"), f"`{entry.id}` stands in the wrong place; it belongs {where}")
        yield from _under_parent((*place, at, "children"), entry.children, entry.id)


def _literal(told: form.PolicyForm) -> Iterator[Mistake]:
    only_with = {entry.id: entry.only_with for entry in told.recipients if entry.only_with is not None}
    for at, rule in enumerate(told.literal):
        for nth, recipient in enumerate(rule.recipients):
            yield from _declares(("literal", at, "recipients", nth), recipient, rule)
            allowed = only_with.get(recipient, rule.disclosures or [])
            for disclosure in rule.disclosures or []:
                if disclosure not in allowed:
                    yield Mistake(
                        ("literal", at, "disclosures"),
                        f"`{disclosure}` does not go with `{recipient}`; one of: {', '.join(allowed)}",
                    )


def _declares(
    place: Place, recipient: RecipientType, rule: form.LiteralForm | form.RecipientRuleForm
) -> Iterator[Mistake]:
    if recipient.declares_disclosure is (rule.disclosures is None):
        must = "needs `disclosures`" if rule.disclosures is None else "has no `disclosures`"
        yield Mistake(place, f"`{recipient}` {must}; give it a rule of its own")
    serving = DisclosurePurpose.PROCESSING_FOR_USE_PURPOSE
    tops = {disclosure.top for disclosure in rule.disclosures or ()}
    if serving in tops and (len(tops) > 1 or rule.purposes is None):
        yield Mistake(place, f"`{serving}` serves use purposes; name them, in a rule without other disclosure purposes")
    elif tops and serving not in tops and rule.purposes is not None:
        yield Mistake(place, f"`{', '.join(sorted(tops))}` serves no use purpose; leave `purposes` out")
    if (recipient is RecipientType.SELF) is not (rule.purposes is None and rule.disclosures is None):
        yield Mistake(place, f"`{recipient}` does not fit this rule; only `SELF` declares nothing")
    if recipient is RecipientType.STATISTICS_RECIPIENT:
        yield Mistake(place, f"`{recipient}` receives aggregates only; no rule gives it rows")


def _columns(told: form.MinimisationForm) -> Iterator[Mistake]:
    base: Place = ("minimisation", "columns")
    yield from _twice([((*base, at, "id"), column.id) for at, column in enumerate(told.columns)])
    yield from _twice(
        [
            ((*base, at, "purposes", nth), purpose)
            for at, column in enumerate(told.columns)
            for nth, purpose in enumerate(column.purposes)
        ]
    )


def _rows(told: form.PolicyForm) -> Iterator[Mistake]:
    items = _item_ids(told)
    columns = [column.id for column in told.minimisation.columns]
    cells: list[tuple[Place, str]] = []
    for at, row in enumerate(told.minimisation.rows):
        base: Place = ("minimisation", "rows", at)
        yield from _known((*base, "items"), row.items, items, "an item")
        for nth, cell in enumerate(row.cells):
            place: Place = (*base, "cells", nth)
            yield from _known((*place, "columns"), cell.columns, columns, "a column")
            yield from _shown((*place, "show"), cell.show, row.items)
            cells += [(place, f"{item} {column}") for item in row.items for column in cell.columns]
    yield from _twice(cells)


def _item_ids(told: form.PolicyForm) -> list[str]:
    return [item.id for category in told.categories for item in category.items]


def _known(place: Place, named: Sequence[str], known: Sequence[str], noun: str) -> Iterator[Mistake]:
    for at, name in enumerate(named):
        if name not in known:
            yield Mistake((*place, at), f"`{name}` is not {noun} of this policy; one of: {', '.join(known)}")


def _shown(place: Place, show: Transform | None, items: Iterable[str]) -> Iterator[Mistake]:
    if show is None or show is Transform.FULL:
        return
    for item in items:
        if item not in _SHOWN_AS[show]:
            able = ", ".join(sorted(_SHOWN_AS[show]))
            yield Mistake(place, f"`{show}` makes no sense for `{item}`; only for: {able}")


def _recipient_rules(told: form.PolicyForm) -> Iterator[Mistake]:
    rules = told.minimisation.recipients
    for at, rule in enumerate(rules):
        place: Place = ("minimisation", "recipients", at)
        if not rule.categories and not rule.items:
            yield Mistake(place, "`categories` and `items` are both missing; name what this rule is about")
        yield from _known((*place, "items"), rule.items or [], _item_ids(told), "an item")
        yield from _shown((*place, "show"), rule.show, sorted(_items_of(rule, told)))
        if rule.purposes is None and rule.show is None:
            yield Mistake((*place, "show"), "`ROW` needs a use purpose to look up; write a transform")
        for nth, recipient in enumerate(rule.recipients):
            yield from _declares((*place, "recipients", nth), recipient, rule)
    for (_, first), (at, second) in combinations(enumerate(rules), 2):
        both = _items_of(first, told) & _items_of(second, told)
        if both and _overlap(first, second):
            yield Mistake(
                ("minimisation", "recipients", at),
                f"`{min(both)}` has another rule for the same recipient and purpose; leave it to one of them",
            )


def _items_of(rule: form.RecipientRuleForm, told: form.PolicyForm) -> set[str]:
    named = {
        item.id for category in told.categories if category.id in (rule.categories or ()) for item in category.items
    }
    return named | set(rule.items or ())


def _overlap(first: form.RecipientRuleForm, second: form.RecipientRuleForm) -> bool:
    return (
        not set(first.recipients).isdisjoint(second.recipients)
        and _meet(first.purposes, second.purposes)
        and _meet(first.disclosures, second.disclosures)
    )


def _meet(first: Sequence[Any] | None, second: Sequence[Any] | None) -> bool:
    if first is None or second is None:
        return first is None and second is None
    return any(one.within(other) or other.within(one) for one in first for other in second)
