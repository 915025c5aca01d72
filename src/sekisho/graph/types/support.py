"""サポート情報: what customers give when they contact support."""

import strawberry

from sekisho.graph.governed import governed, subject_type
from sekisho.graph.reached import Reached
from sekisho.graph.words import Timestamp
from sekisho.store.tables import people
from sekisho.store.values import case_number, stored, utc
from sekisho.vocabulary import DataCategory

_SUPPORT_CASE = people.support_case
_SUPPORT_MESSAGE = people.support_message


@subject_type
class SupportCase:
    """お問い合わせ: one case."""

    reached: strawberry.Private[Reached]
    case_number: str | None = governed(
        DataCategory.SUPPORT,
        item="supportCase",
        value=stored(_SUPPORT_CASE, _SUPPORT_CASE.c.case_number),
        label="受付番号",
    )
    channel: str | None = governed(
        DataCategory.SUPPORT, item="supportCase", value=stored(_SUPPORT_CASE, _SUPPORT_CASE.c.channel), label="受付経路"
    )
    topic: str | None = governed(
        DataCategory.SUPPORT, item="supportCase", value=stored(_SUPPORT_CASE, _SUPPORT_CASE.c.topic), label="件名"
    )
    status: str | None = governed(
        DataCategory.SUPPORT, item="supportCase", value=stored(_SUPPORT_CASE, _SUPPORT_CASE.c.status), label="状況"
    )
    opened_at: Timestamp | None = governed(
        DataCategory.SUPPORT,
        item="supportCase",
        value=stored(_SUPPORT_CASE, utc(_SUPPORT_CASE.c.opened_at)),
        label="受付日時",
    )


@subject_type
class SupportMessage:
    """お問い合わせのやりとり: one message of a case."""

    reached: strawberry.Private[Reached]
    case_number: str | None = governed(
        DataCategory.SUPPORT,
        item="supportCase",
        value=stored(_SUPPORT_MESSAGE, case_number(_SUPPORT_MESSAGE)),
        label="受付番号",
    )
    author: str | None = governed(
        DataCategory.SUPPORT,
        item="supportCase",
        value=stored(_SUPPORT_MESSAGE, _SUPPORT_MESSAGE.c.author),
        label="発信者",
    )
    body: str | None = governed(
        DataCategory.SUPPORT, item="supportCase", value=stored(_SUPPORT_MESSAGE, _SUPPORT_MESSAGE.c.body), label="本文"
    )
    sent_at: Timestamp | None = governed(
        DataCategory.SUPPORT,
        item="supportCase",
        value=stored(_SUPPORT_MESSAGE, utc(_SUPPORT_MESSAGE.c.sent_at)),
        label="送信日時",
    )
