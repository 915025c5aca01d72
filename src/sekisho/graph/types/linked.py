"""連携先アプリ情報: what linked apps and services gave, while the data subject allows the link."""

import strawberry

from sekisho.graph.governed import governed, subject_type
from sekisho.graph.reached import Reached
from sekisho.graph.words import Timestamp
from sekisho.store.tables import people
from sekisho.store.values import source_name, stored, utc
from sekisho.vocabulary import DataCategory

_LINKED_APP_RECORD = people.linked_app_record


@subject_type
class LinkedAppRecord:
    """連携先アプリ情報: one value from a linked app."""

    reached: strawberry.Private[Reached]
    service: str | None = governed(
        DataCategory.LINKED_APP,
        item="linkedAppData",
        value=stored(_LINKED_APP_RECORD, source_name(_LINKED_APP_RECORD.c.source_id)),
        label="連携先",
    )
    kind: str | None = governed(
        DataCategory.LINKED_APP,
        item="linkedAppData",
        value=stored(_LINKED_APP_RECORD, _LINKED_APP_RECORD.c.kind),
        label="項目",
    )
    value: float | None = governed(
        DataCategory.LINKED_APP,
        item="linkedAppData",
        value=stored(_LINKED_APP_RECORD, _LINKED_APP_RECORD.c.value),
        label="値",
    )
    unit: str | None = governed(
        DataCategory.LINKED_APP,
        item="linkedAppData",
        value=stored(_LINKED_APP_RECORD, _LINKED_APP_RECORD.c.unit),
        label="単位",
    )
    started_at: Timestamp | None = governed(
        DataCategory.LINKED_APP,
        item="linkedAppData",
        value=stored(_LINKED_APP_RECORD, utc(_LINKED_APP_RECORD.c.started_at)),
        label="開始日時",
    )
    ended_at: Timestamp | None = governed(
        DataCategory.LINKED_APP,
        item="linkedAppData",
        value=stored(_LINKED_APP_RECORD, utc(_LINKED_APP_RECORD.c.ended_at)),
        label="終了日時",
    )
