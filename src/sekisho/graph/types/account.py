"""アカウント情報: login id, e-mail, and what else belongs to the account. No password, no token, ever."""

import strawberry

from sekisho.graph.governed import governed, subject_type
from sekisho.graph.reached import Reached
from sekisho.graph.words import Timestamp
from sekisho.store.tables import people
from sekisho.store.values import masked_email, stored, utc
from sekisho.vocabulary import DataCategory

_TABLE = people.subject_account
_SETTING = people.subject_account_setting


@subject_type
class Account:
    """アカウント情報: the account of the data subject. Passwords are not acquired; tokens are never shown."""

    reached: strawberry.Private[Reached]
    login_id: str | None = governed(
        DataCategory.ACCOUNT, item="loginId", value=stored(_TABLE, _TABLE.c.login_id), label="ログインID"
    )
    email: str | None = governed(
        DataCategory.ACCOUNT, item="email", value=masked_email(_TABLE, _TABLE.c.email), label="電子メールアドレス"
    )
    token_issued_at: Timestamp | None = governed(
        DataCategory.ACCOUNT,
        item="idToken",
        value=stored(_TABLE, utc(_TABLE.c.token_issued_at)),
        label="IDを認証するためのトークン: 発行日時",
    )
    token_expires_at: Timestamp | None = governed(
        DataCategory.ACCOUNT,
        item="idToken",
        value=stored(_TABLE, utc(_TABLE.c.token_expires_at)),
        label="IDを認証するためのトークン: 有効期限",
    )


@subject_type
class AccountSetting:
    """アカウントに関連するその他の情報: a setting the user made."""

    reached: strawberry.Private[Reached]
    name: str | None = governed(
        DataCategory.ACCOUNT, item="otherAccount", value=stored(_SETTING, _SETTING.c.name), label="項目名"
    )
    value: str | None = governed(
        DataCategory.ACCOUNT, item="otherAccount", value=stored(_SETTING, _SETTING.c.value), label="内容"
    )
