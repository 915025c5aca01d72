"""The data subject: everything about one person hangs here."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import Table

from sekisho.graph.governed import GovernedList, coordinate, declared_list, governed_list, structural, subject_type
from sekisho.graph.reached import Reached
from sekisho.graph.types.account import Account, AccountSetting
from sekisho.graph.types.activities import (
    CampaignEntry,
    ClinicalResearchRecruitment,
    EventEntry,
    MonitorTrial,
    SurveyAnswer,
)
from sekisho.graph.types.attributes import Attributes, OtherAttribute
from sekisho.graph.types.linked import LinkedAppRecord
from sekisho.graph.types.measurements import Measurement
from sekisho.graph.types.support import SupportCase, SupportMessage
from sekisho.graph.types.usage import AccessRecord, AppOperation, CookieRecord, PageReference, SearchRecord
from sekisho.graph.windows import window
from sekisho.graph.words import MeasurementKind
from sekisho.store.rows import RowSource
from sekisho.store.tables import people
from sekisho.vocabulary import DataCategory

First = Annotated[int | None, strawberry.argument(description="The oldest so many rows.")]
Last = Annotated[int | None, strawberry.argument(description="The newest so many rows; the default.")]
Since = Annotated[datetime | None, strawberry.argument(description="Rows at or after this moment.")]
Until = Annotated[datetime | None, strawberry.argument(description="Rows before this moment.")]


@strawberry.interface(description="Something with an id that is private to the caller and its purpose.")
class Node:
    """Anything that `node(id)` can find."""

    id: strawberry.ID = strawberry.field(description="A pseudonym, private to this recipient and top-level purpose.")


def _list(
    category: DataCategory, item: str, table: Table, time: str, element: Any, time_item: str = ""
) -> GovernedList:
    return GovernedList(category, item, RowSource(table, table.c[time]), element, time_item or item)


def _rows(
    root: strawberry.Parent["Subject"],
    info: strawberry.Info,
    first: First = None,
    last: Last = None,
    since: Since = None,
    until: Until = None,
) -> Awaitable[Any]:
    return _windowed(root, info, {"first": first, "last": last, "since": since, "until": until})


def _measurements(
    root: strawberry.Parent["Subject"],
    info: strawberry.Info,
    first: First = None,
    last: Last = None,
    since: Since = None,
    until: Until = None,
    kind: MeasurementKind | None = None,
) -> Awaitable[Any]:
    given = {"first": first, "last": last, "since": since, "until": until, "kind": kind}
    return _windowed(root, info, given)


def _windowed(root: "Subject", info: strawberry.Info, given: dict[str, Any]) -> Awaitable[Any]:
    asked = window(info.context.circumstances.limits, given)
    answer: Awaitable[Any] = info.context.rows(root.reached, declared_list(info), asked, coordinate(info), info.path)
    return answer


def _pseudonym(root: strawberry.Parent["Subject"], info: strawberry.Info) -> strawberry.ID:
    return strawberry.ID(info.context.pseudonyms.conceal(root.reached.person.subject_id))


def _attributes(root: strawberry.Parent["Subject"]) -> Attributes:
    return Attributes(reached=root.reached)


def _account(root: strawberry.Parent["Subject"]) -> Account:
    return Account(reached=root.reached)


_P = people
_NEW, _USAGE = DataCategory.NEWLY_ACQUIRED, DataCategory.USAGE_HISTORY
_MEASURED = GovernedList(
    DataCategory.HEALTH_MEASUREMENT,
    "measurement",
    RowSource(_P.measurement, _P.measurement.c.taken_at, {"kind": _P.measurement.c.kind}),
    Measurement,
    "measurement",
)


@subject_type
class Subject(Node):
    """お客様: one data subject, as far as this caller and purpose may know them."""

    reached: strawberry.Private[Reached]
    id: strawberry.ID = structural(_pseudonym, "A pseudonym, private to this recipient and top-level purpose.")
    attributes: Attributes = structural(_attributes, "属性情報")
    account: Account = structural(_account, "アカウント情報")
    other_attributes: list[OtherAttribute] | None = governed_list(
        _list(DataCategory.ATTRIBUTE, "otherAttributes", _P.subject_other_attribute, "acquired_at", OtherAttribute),
        _rows,
        "その他の属性情報",
    )
    account_settings: list[AccountSetting] | None = governed_list(
        _list(DataCategory.ACCOUNT, "otherAccount", _P.subject_account_setting, "acquired_at", AccountSetting),
        _rows,
        "アカウントに関連するその他の情報",
    )
    measurements: list[Measurement] | None = governed_list(_MEASURED, _measurements, "測定データ (OMRON connect)")
    linked_app_records: list[LinkedAppRecord] | None = governed_list(
        _list(DataCategory.LINKED_APP, "linkedAppData", _P.linked_app_record, "started_at", LinkedAppRecord),
        _rows,
        "連携先アプリ情報",
    )
    survey_answers: list[SurveyAnswer] | None = governed_list(
        _list(_NEW, "surveyAnswer", _P.survey_answer, "answered_at", SurveyAnswer), _rows, "アンケート"
    )
    campaign_entries: list[CampaignEntry] | None = governed_list(
        _list(_NEW, "campaignEntry", _P.campaign_entry, "entered_at", CampaignEntry), _rows, "キャンペーン"
    )
    event_entries: list[EventEntry] | None = governed_list(
        _list(_NEW, "eventEntry", _P.event_entry, "entered_at", EventEntry), _rows, "イベント"
    )
    monitor_trials: list[MonitorTrial] | None = governed_list(
        _list(_NEW, "monitorTrial", _P.monitor_trial, "recorded_at", MonitorTrial), _rows, "商品のモニター試験"
    )
    clinical_research_recruitments: list[ClinicalResearchRecruitment] | None = governed_list(
        _list(
            _NEW,
            "clinicalResearchRecruitment",
            _P.clinical_research_recruitment,
            "recorded_at",
            ClinicalResearchRecruitment,
        ),
        _rows,
        "臨床研究の被験者募集",
    )
    support_cases: list[SupportCase] | None = governed_list(
        _list(DataCategory.SUPPORT, "supportCase", _P.support_case, "opened_at", SupportCase), _rows, "お問い合わせ"
    )
    support_messages: list[SupportMessage] | None = governed_list(
        _list(DataCategory.SUPPORT, "supportCase", _P.support_message, "sent_at", SupportMessage),
        _rows,
        "お問い合わせのやりとり",
    )
    access_history: list[AccessRecord] | None = governed_list(
        _list(_USAGE, "accessHistory", _P.access_record, "accessed_at", AccessRecord, "accessDate"),
        _rows,
        "アクセス履歴",
    )
    app_operations: list[AppOperation] | None = governed_list(
        _list(_USAGE, "inAppOperation", _P.app_operation, "operated_at", AppOperation), _rows, "アプリ内の操作履歴"
    )
    searches: list[SearchRecord] | None = governed_list(
        _list(_USAGE, "searchHistory", _P.search_record, "searched_at", SearchRecord), _rows, "検索履歴"
    )
    page_references: list[PageReference] | None = governed_list(
        _list(_USAGE, "referringPage", _P.page_reference, "referred_at", PageReference), _rows, "参照・終了ページ"
    )
    cookies: list[CookieRecord] | None = governed_list(
        _list(_USAGE, "cookie", _P.cookie_record, "set_at", CookieRecord), _rows, "Cookie"
    )
