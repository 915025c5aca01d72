"""A field that could show personal data without saying what it is keeps the process from starting."""

from typing import Any, Generic, TypeVar

import pytest
import strawberry

from graph.world import POLICIES, SCHEMA
from sekisho.graph.governed import GovernedList, governed, structural, subject_type
from sekisho.graph.reached import Reached
from sekisho.graph.schema import UndeclaredField, build, governed_fields
from sekisho.graph.types.attributes import HEIGHT, WEIGHT
from sekisho.vocabulary import DataCategory

T = TypeVar("T")


def height() -> Any:
    return governed(DataCategory.ATTRIBUTE, item="height", value=HEIGHT)


def weight() -> Any:
    return governed(DataCategory.ATTRIBUTE, item="weight", value=WEIGHT)


@subject_type
class Good:
    reached: strawberry.Private[Reached]
    height_cm: float | None = height()


@subject_type
class Silent:
    """One field says nothing."""

    reached: strawberry.Private[Reached]
    height_cm: float | None = height()
    nickname: str | None = None


@subject_type
class Resolved:
    reached: strawberry.Private[Reached]

    @strawberry.field
    def nickname(self) -> str | None:
        return None


@strawberry.type
class Plain:
    nickname: str | None = None


@subject_type
class Leads:
    """Leads on to a plain type."""

    reached: strawberry.Private[Reached]
    plain: Plain | None = structural(lambda: None)


@subject_type
class LeadsByUnion:
    reached: strawberry.Private[Reached]
    either: list[Good | Plain] | None = structural(lambda: None)


@subject_type
class NeverNull:
    reached: strawberry.Private[Reached]
    height_cm: float = height()


@subject_type
class Unlisted:
    reached: strawberry.Private[Reached]
    name: str | None = governed(DataCategory.ATTRIBUTE, item="fullName", value=HEIGHT)


@subject_type
class Heir(Good):
    """Inherits its one declaration and adds another."""

    weight_kg: float | None = weight()


@subject_type
class SilentHeir(Good):
    nickname: str | None = None


@subject_type
class Box(Generic[T]):
    reached: strawberry.Private[Reached]
    height_cm: float | None = height()
    inside: T | None = structural(lambda: None)


@subject_type
class Boxes:
    reached: strawberry.Private[Reached]
    boxed: Box[Good] | None = structural(lambda: None)


@subject_type
class PlainBoxes:
    reached: strawberry.Private[Reached]
    boxed: Box[Plain] | None = structural(lambda: None)


@strawberry.interface
class Named:
    nickname: str | None = None


@subject_type
class ByInterface(Named):
    reached: strawberry.Private[Reached]
    height_cm: float | None = height()


def query_of(kind: Any) -> type:
    """A query whose `subject` is of this type."""

    def resolve() -> Any:
        return None

    resolve.__annotations__["return"] = kind | None
    return strawberry.type(type("Query", (), {"subject": strawberry.field(resolver=resolve), "__annotations__": {}}))


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (Silent, "Silent.nickname"),
        (Resolved, "Resolved.nickname"),
        (Plain, "Plain"),
        (Leads, "Plain"),
        (LeadsByUnion, "Plain"),
        (NeverNull, "NeverNull.heightCm"),
        (Unlisted, "fullName"),
        (SilentHeir, "SilentHeir.nickname"),
        (PlainBoxes, "Plain"),
        (ByInterface, "ByInterface.nickname"),
    ],
)
def test_a_field_that_does_not_say_what_it_is_does_not_build(kind: Any, named: str) -> None:
    with pytest.raises(UndeclaredField, match=f"`{named}`"):
        build(POLICIES, query_of(kind))


@pytest.mark.parametrize(
    ("kind", "coordinates"),
    [
        (Good, {"Good.heightCm"}),
        (Heir, {"Heir.heightCm", "Heir.weightKg"}),
        (Boxes, {"GoodBox.heightCm", "Good.heightCm"}),
    ],
)
def test_a_declaration_survives_inheritance_and_generics(kind: Any, coordinates: set[str]) -> None:
    schema = build(POLICIES, query_of(kind))
    assert set(governed_fields(schema._schema)) == coordinates


def test_a_plain_type_under_the_name_of_a_subject_type_is_plain() -> None:
    """The declaration belongs to the class, not to its name."""
    namesake = strawberry.type(
        type("Good", (), {"__annotations__": {"height_cm": float | None}, "height_cm": height()})
    )
    with pytest.raises(UndeclaredField, match="plain type"):
        build(POLICIES, query_of(namesake))


def test_an_heir_that_is_not_declared_itself_is_plain() -> None:
    heir = strawberry.type(type("UndeclaredHeir", (Good,), {"__annotations__": {}}))
    with pytest.raises(UndeclaredField, match="plain type"):
        build(POLICIES, query_of(heir))


def test_g1_every_field_that_leads_from_a_person_is_governed_or_structural() -> None:
    declared = governed_fields(SCHEMA._schema)
    assert len(declared) >= 70
    assert {each.item for each in declared.values()} == {item.id for item in POLICIES.versions[0].items}


def test_c3_no_field_argument_or_input_is_called_a_password_or_shows_a_token() -> None:
    words = {
        name.lower()
        for named in SCHEMA._schema.type_map.values()
        if not named.name.startswith("__")
        for name in (named.name, *getattr(named, "fields", {}), *getattr(named, "values", {}))
    }
    assert not [word for word in words if "password" in word]
    assert {word for word in words if "token" in word} == {"tokenissuedat", "tokenexpiresat"}


def test_every_governed_field_is_nullable_so_that_a_refusal_erases_no_sibling() -> None:
    for coordinate in governed_fields(SCHEMA._schema):
        parent, field = coordinate.split(".")
        assert not str(SCHEMA._schema.type_map[parent].fields[field].type).endswith("!")


def test_a_list_and_its_rows_say_one_item_or_more_but_never_none() -> None:
    declared = governed_fields(SCHEMA._schema)
    for each in declared.values():
        if isinstance(each, GovernedList):
            inside = {d.item for name, d in declared.items() if name.startswith(f"{each.element.__name__}.")}
            assert each.item in inside
            assert each.time_item
