"""The invented surveys, campaigns, events, trials and studies, and what people said in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.demo.person import JAPAN, Person, Row
from sekisho.policy.document import Label
from sekisho.store.activities import Activity

SURVEY = "SURVEY:2026-spring"
CAMPAIGN = "CAMPAIGN:summer-walk-2026"
EVENT = "EVENT:health-fair-2026"
TRIAL = "MONITOR_TRIAL:quiet-cuff"
STUDY = "CLINICAL_RESEARCH:morning-pressure"


@dataclass(frozen=True, slots=True)
class Offer:
    """One activity: when it opened, and the share of people who take part."""

    activity: Activity
    opened: datetime
    share: float


OFFERS = (
    Offer(
        Activity(SURVEY, Label("2026年春 健康習慣アンケート", "Spring 2026 survey on habits"), sensitive=False),
        datetime(2026, 4, 6, 9, tzinfo=JAPAN),
        0.40,
    ),
    Offer(
        Activity(CAMPAIGN, Label("夏のウォーキングキャンペーン", "Summer walking campaign"), sensitive=False),
        datetime(2026, 7, 1, 9, tzinfo=JAPAN),
        0.25,
    ),
    Offer(
        Activity(EVENT, Label("健康フェア2026", "Health fair 2026"), sensitive=False),
        datetime(2026, 5, 16, 10, tzinfo=JAPAN),
        0.10,
    ),
    Offer(
        Activity(TRIAL, Label("静音カフ モニター試験", "Monitor trial of a quiet cuff"), sensitive=False),
        datetime(2026, 6, 1, 9, tzinfo=JAPAN),
        0.08,
    ),
    Offer(
        Activity(STUDY, Label("早朝血圧の臨床研究", "Clinical study of morning blood pressure"), sensitive=True),
        datetime(2026, 6, 15, 9, tzinfo=JAPAN),
        0.08,
    ),
)

_QUESTIONS = (
    ("1週間に何日運動しますか", ("ほぼ毎日", "3〜5日", "1〜2日", "しない")),
    ("朝食をとりますか", ("毎日", "ときどき", "とらない")),
    ("アプリの使いやすさは何点ですか", ("5", "4", "3", "2", "1")),
    ("睡眠は足りていますか", ("十分", "やや不足", "不足")),
)
_PRIZES = ("A賞 体重体組成計", "B賞 活動量計", "C賞 図書カード")
_SESSIONS = ("家庭血圧セミナー", "減塩料理教室", "測定体験コーナー")
_NOTES = ("締め付けが弱く感じる", "音が静かで早朝も使える", "表示が見やすい", "カフがやや巻きにくい")
_SCREENING = ("服薬なし、早朝測定可", "降圧薬を服用中", "早朝測定は難しい", "服薬なし、通院歴あり")


def activity_rows(person: Person) -> Iterator[tuple[str, Row]]:
    """What the person gave in each activity they took part in, by table."""
    for key, joined in person.activities.items():
        yield from _GIVEN[key](person, key, joined + timedelta(minutes=person.draw.randint(2, 600)))


def _survey(person: Person, key: str, at: datetime) -> Iterator[tuple[str, Row]]:
    for number, (question, answers) in enumerate(_QUESTIONS):
        told = {
            "question": question,
            "answer": person.draw.choice(answers),
            "answered_at": at + timedelta(seconds=40 * number),
        }
        yield "survey_answer", person.row(at, activity_key=key, **told)


def _campaign(person: Person, key: str, at: datetime) -> Iterator[tuple[str, Row]]:
    yield "campaign_entry", person.row(at, activity_key=key, entry=person.draw.choice(_PRIZES), entered_at=at)


def _event(person: Person, key: str, at: datetime) -> Iterator[tuple[str, Row]]:
    yield "event_entry", person.row(at, activity_key=key, entry=person.draw.choice(_SESSIONS), entered_at=at)


def _trial(person: Person, key: str, at: datetime) -> Iterator[tuple[str, Row]]:
    yield "monitor_trial", person.row(at, activity_key=key, status="参加中", note=None, recorded_at=at)
    if person.draw.random() < 0.7:  # noqa: PLR2004 - the share that reported
        later = at + timedelta(days=person.draw.randint(7, 40))
        yield (
            "monitor_trial",
            person.row(later, activity_key=key, status="報告済み", note=person.draw.choice(_NOTES), recorded_at=later),
        )


def _study(person: Person, key: str, at: datetime) -> Iterator[tuple[str, Row]]:
    told = {"status": person.draw.choice(("応募", "適格", "不適格")), "screening": person.draw.choice(_SCREENING)}
    yield "clinical_research_recruitment", person.row(at, activity_key=key, **told, recorded_at=at)


_GIVEN = {SURVEY: _survey, CAMPAIGN: _campaign, EVENT: _event, TRIAL: _trial, STUDY: _study}
