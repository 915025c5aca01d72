"""How invented people use the service, and what they ask the support desk.

Addresses come from the ranges that RFC 5737 and RFC 3849 keep for documentation.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sekisho.demo.person import JAPAN, Person, Row

_USED_FROM = datetime(2026, 6, 15, tzinfo=JAPAN)
_USED_DAYS = 90
_NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.")
_PAGES = ("/home", "/blood-pressure", "/weight", "/steps", "/settings", "/campaigns", "/help/pairing", "/articles/salt")
_REFERRERS = ("https://www.example.com/search", "https://news.example.jp/health", "https://social.example.com/", None)
_OPERATIONS = (
    ("グラフを表示", "血圧"),
    ("目標を変更", "歩数"),
    ("機器を登録", "設定"),
    ("通知を変更", "設定"),
    ("記録を共有", "体重"),
)
_QUERIES = (
    "血圧 朝 高い",
    "減塩 レシピ",
    "体重 減らし方",
    "カフ 巻き方",
    "歩数 目標",
    "機器 つながらない",
    "睡眠 改善",
)
_TOPICS = (
    ("機器とアプリがつながらない", "血圧計とアプリの連携ができません。", "Bluetoothの再登録の手順をご案内します。"),
    ("記録が表示されない", "先週の体重の記録が表示されません。", "同期の状況を確認し、再同期をお願いいたします。"),
    ("メールアドレスの変更", "登録したメールアドレスを変更したいです。", "設定画面からの変更方法をご案内します。"),
    ("キャンペーンの応募方法", "応募したか確認する方法を教えてください。", "応募履歴の画面をご案内します。"),
)


def usage_rows(person: Person) -> Iterator[tuple[str, Row]]:
    """Accesses, page references, cookies, operations and searches of three months."""
    draw = person.draw
    address = _address(person)
    for _ in range(draw.randint(4, 9)):
        at = _moment(person)
        seen = {"accessed_at": at, "page": draw.choice(_PAGES), "ip_address": address}
        yield "access_record", person.row(at, **seen)
        if draw.random() < 0.5:  # noqa: PLR2004 - every other device changes its address
            address = _address(person)
    for _ in range(draw.randint(1, 3)):
        at = _moment(person)
        led = {
            "referring_page": draw.choice(_PAGES),
            "exit_page": draw.choice(_PAGES),
            "referrer": draw.choice(_REFERRERS),
        }
        yield "page_reference", person.row(at, **led, referred_at=at)
    at = _moment(person)
    cookie = {
        "name": "visitor",
        "value": f"{draw.getrandbits(64):016x}",
        "derived": draw.choice(("再訪", "初回訪問", None)),
    }
    yield "cookie_record", person.row(at, **cookie, set_at=at)
    for _ in range(draw.randint(2, 5)):
        at = _moment(person)
        operation, screen = draw.choice(_OPERATIONS)
        yield "app_operation", person.row(at, operation=operation, screen=screen, operated_at=at)
    for _ in range(draw.randint(0, 3)):
        at = _moment(person)
        yield "search_record", person.row(at, query=draw.choice(_QUERIES), searched_at=at)


def support_rows(person: Person) -> Iterator[tuple[str, Row]]:
    """A support case with its messages, for about every fourth person."""
    draw = person.draw
    if draw.random() > 0.25:  # noqa: PLR2004 - every fourth
        return
    at = _moment(person)
    topic, asked, answered = draw.choice(_TOPICS)
    case = person.row(
        at,
        case_number=f"S-2026-{person.index:06d}",
        channel=draw.choice(("電話", "メール", "アプリ")),
        topic=topic,
        status=draw.choice(("対応済み", "対応中")),
        opened_at=at,
    )
    yield "support_case", case
    for minutes, author, body in ((0, "お客様", asked), (draw.randint(30, 2000), "サポート担当", answered)):
        sent = at + timedelta(minutes=minutes)
        yield "support_message", person.row(sent, case_row_id=case["row_id"], sent_at=sent, author=author, body=body)


def _address(person: Person) -> str:
    if person.draw.random() < 0.2:  # noqa: PLR2004 - the share of IPv6
        return f"2001:db8:{person.draw.getrandbits(16):x}::{person.draw.randint(1, 0xFFFF):x}"
    return f"{person.draw.choice(_NETWORKS)}{person.draw.randint(1, 254)}"


def _moment(person: Person) -> datetime:
    return _USED_FROM + timedelta(days=person.draw.randrange(_USED_DAYS), seconds=person.draw.randrange(86_400))
