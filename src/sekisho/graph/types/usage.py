"""ユーザー履歴情報: access, operations, searches, and what browsers send along."""

import strawberry

from sekisho.graph.governed import governed, subject_type
from sekisho.graph.reached import Reached
from sekisho.graph.words import Timestamp
from sekisho.store.tables import people
from sekisho.store.values import stored, utc
from sekisho.vocabulary import DataCategory

_ACCESS_RECORD = people.access_record
_APP_OPERATION = people.app_operation
_SEARCH_RECORD = people.search_record
_PAGE_REFERENCE = people.page_reference
_COOKIE_RECORD = people.cookie_record


@subject_type
class AccessRecord:
    """アクセス履歴: one access."""

    reached: strawberry.Private[Reached]
    accessed_at: Timestamp | None = governed(
        DataCategory.USAGE_HISTORY,
        item="accessDate",
        value=stored(_ACCESS_RECORD, utc(_ACCESS_RECORD.c.accessed_at)),
        label="日付",
    )
    page: str | None = governed(
        DataCategory.USAGE_HISTORY,
        item="accessHistory",
        value=stored(_ACCESS_RECORD, _ACCESS_RECORD.c.page),
        label="アクセス先",
    )
    ip_address: str | None = governed(
        DataCategory.USAGE_HISTORY,
        item="ipAddress",
        value=stored(_ACCESS_RECORD, _ACCESS_RECORD.c.ip_address),
        label="IPアドレス",
    )


@subject_type
class AppOperation:
    """アプリ内の操作履歴: one operation."""

    reached: strawberry.Private[Reached]
    operation: str | None = governed(
        DataCategory.USAGE_HISTORY,
        item="inAppOperation",
        value=stored(_APP_OPERATION, _APP_OPERATION.c.operation),
        label="操作",
    )
    screen: str | None = governed(
        DataCategory.USAGE_HISTORY,
        item="inAppOperation",
        value=stored(_APP_OPERATION, _APP_OPERATION.c.screen),
        label="画面",
    )
    operated_at: Timestamp | None = governed(
        DataCategory.USAGE_HISTORY,
        item="inAppOperation",
        value=stored(_APP_OPERATION, utc(_APP_OPERATION.c.operated_at)),
        label="操作日時",
    )


@subject_type
class SearchRecord:
    """検索履歴: one search."""

    reached: strawberry.Private[Reached]
    query: str | None = governed(
        DataCategory.USAGE_HISTORY,
        item="searchHistory",
        value=stored(_SEARCH_RECORD, _SEARCH_RECORD.c.query),
        label="検索語",
    )
    searched_at: Timestamp | None = governed(
        DataCategory.USAGE_HISTORY,
        item="searchHistory",
        value=stored(_SEARCH_RECORD, utc(_SEARCH_RECORD.c.searched_at)),
        label="検索日時",
    )


@subject_type
class PageReference:
    """参照・終了ページとリファラー情報: one visit."""

    reached: strawberry.Private[Reached]
    referring_page: str | None = governed(
        DataCategory.USAGE_HISTORY,
        item="referringPage",
        value=stored(_PAGE_REFERENCE, _PAGE_REFERENCE.c.referring_page),
        label="参照ページ",
    )
    exit_page: str | None = governed(
        DataCategory.USAGE_HISTORY,
        item="exitPage",
        value=stored(_PAGE_REFERENCE, _PAGE_REFERENCE.c.exit_page),
        label="終了ページ",
    )
    referrer: str | None = governed(
        DataCategory.USAGE_HISTORY,
        item="referrer",
        value=stored(_PAGE_REFERENCE, _PAGE_REFERENCE.c.referrer),
        label="リファラー情報",
    )


@subject_type
class CookieRecord:
    """Cookie: identification sent by a browser, and what was derived from it."""

    reached: strawberry.Private[Reached]
    name: str | None = governed(
        DataCategory.USAGE_HISTORY, item="cookie", value=stored(_COOKIE_RECORD, _COOKIE_RECORD.c.name), label="名前"
    )
    value: str | None = governed(
        DataCategory.USAGE_HISTORY, item="cookie", value=stored(_COOKIE_RECORD, _COOKIE_RECORD.c.value), label="値"
    )
    derived: str | None = governed(
        DataCategory.USAGE_HISTORY,
        item="cookie",
        value=stored(_COOKIE_RECORD, _COOKIE_RECORD.c.derived),
        label="Cookieから得られたその他情報",
    )
    set_at: Timestamp | None = governed(
        DataCategory.USAGE_HISTORY,
        item="cookie",
        value=stored(_COOKIE_RECORD, utc(_COOKIE_RECORD.c.set_at)),
        label="設定日時",
    )
