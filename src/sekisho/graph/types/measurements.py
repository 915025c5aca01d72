"""Health measurements, as the measuring devices sent them through OMRON connect."""

import strawberry

from sekisho.graph.governed import governed, subject_type
from sekisho.graph.reached import Reached
from sekisho.graph.words import MeasurementKind, Timestamp, enum_value
from sekisho.store.tables import people
from sekisho.store.values import stored, utc
from sekisho.vocabulary import DataCategory

_MEASUREMENT = people.measurement


@subject_type
class Measurement:
    """測定データ: one measured value."""

    reached: strawberry.Private[Reached]
    taken_at: Timestamp | None = governed(
        DataCategory.HEALTH_MEASUREMENT,
        item="measurement",
        value=stored(_MEASUREMENT, utc(_MEASUREMENT.c.taken_at)),
        label="測定日時",
    )
    kind: MeasurementKind | None = governed(
        DataCategory.HEALTH_MEASUREMENT,
        item="measurement",
        value=stored(_MEASUREMENT, _MEASUREMENT.c.kind),
        label="測定項目",
        parse=enum_value(MeasurementKind),
    )
    value: float | None = governed(
        DataCategory.HEALTH_MEASUREMENT,
        item="measurement",
        value=stored(_MEASUREMENT, _MEASUREMENT.c.value),
        label="測定値",
    )
    unit: str | None = governed(
        DataCategory.HEALTH_MEASUREMENT,
        item="measurement",
        value=stored(_MEASUREMENT, _MEASUREMENT.c.unit),
        label="単位 (UCUM)",
    )
    device: str | None = governed(
        DataCategory.HEALTH_MEASUREMENT,
        item="measurement",
        value=stored(_MEASUREMENT, _MEASUREMENT.c.device),
        label="測定機器",
    )
