"""The vocabulary as GraphQL speaks it: enums and the few scalars."""

from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from sekisho.store.tables.people import MEASUREMENT_KINDS, SEXES
from sekisho.vocabulary import (
    AccountState,
    DataCategory,
    DisclosurePurpose,
    Purpose,
    RecipientType,
    ServiceContext,
    SourceKind,
    Transform,
)

Timestamp = NewType("Timestamp", str)
PartialDate = NewType("PartialDate", str)
Age = NewType("Age", str)

if TYPE_CHECKING:
    PurposeEnum = Purpose
    DisclosurePurposeEnum = DisclosurePurpose
    RecipientTypeEnum = RecipientType
    DataCategoryEnum = DataCategory
    AccountStateEnum = AccountState
    SourceKindEnum = SourceKind
    ServiceContextEnum = ServiceContext
    TransformEnum = Transform
    Sex = Enum
    MeasurementKind = Enum
else:
    PurposeEnum = strawberry.enum(Purpose, name="Purpose", description="利用目的: what the data is used for.")
    DisclosurePurposeEnum = strawberry.enum(
        DisclosurePurpose, name="DisclosurePurpose", description="開示目的: why a third party receives the data."
    )
    RecipientTypeEnum = strawberry.enum(
        RecipientType, name="RecipientType", description="開示先: who receives the data."
    )
    DataCategoryEnum = strawberry.enum(DataCategory, name="DataCategory", description="情報の区分: what a datum is.")
    AccountStateEnum = strawberry.enum(AccountState, name="AccountState", description="The life of an account.")
    SourceKindEnum = strawberry.enum(SourceKind, name="SourceKind", description="取得元: where a datum came from.")
    ServiceContextEnum = strawberry.enum(ServiceContext, name="ServiceContext", description="The services covered.")
    TransformEnum = strawberry.enum(Transform, name="Transform", description="How much of a value is shown.")
    Sex = strawberry.enum(Enum("Sex", {word: word for word in SEXES}), description="性別")
    MeasurementKind = strawberry.enum(
        Enum("MeasurementKind", {word: word for word in MEASUREMENT_KINDS}), description="What was measured."
    )


def moment(text: object) -> datetime:
    """A moment that a caller wrote (RFC 3339). Raises `ValueError` without an offset: nobody's clock is assumed."""
    try:
        told = datetime.fromisoformat(text) if isinstance(text, str) else None
        if told is not None and told.tzinfo is not None:
            return told.astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # refused below, without telling what was sent
    raise ValueError("this is no moment with an offset; write it like `2026-04-01T00:00:00Z`")


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime", description="Date with time (isoformat)", serialize=datetime.isoformat, parse_value=moment
    ),
    Timestamp: strawberry.scalar(
        name="Timestamp", description="A moment in UTC with microseconds: `2026-04-01T00:00:00.000000Z` (RFC 3339)."
    ),
    PartialDate: strawberry.scalar(
        name="PartialDate",
        description="A date as exact as it is known or shown: `1990-05-01`, `1990-05` or `1990` (ISO 8601).",
    ),
    Age: strawberry.scalar(
        name="Age", description="Years of age as exact as known or shown: `34`, `33-34`, or a band such as `30-34`."
    ),
}


def enum_value(kind: Any) -> Any:
    """How a stored word becomes the member of a GraphQL enum; `None` stays `None`."""
    return lambda word: None if word is None else kind[word]
