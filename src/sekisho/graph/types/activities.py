"""新規取得情報: what was given in surveys, campaigns, events, trials and recruitments."""

import strawberry

from sekisho.graph.governed import governed, subject_type
from sekisho.graph.reached import Reached
from sekisho.graph.words import Timestamp
from sekisho.store.tables import people
from sekisho.store.values import stored, utc
from sekisho.vocabulary import DataCategory

_SURVEY_ANSWER = people.survey_answer
_CAMPAIGN_ENTRY = people.campaign_entry
_EVENT_ENTRY = people.event_entry
_MONITOR_TRIAL = people.monitor_trial
_CLINICAL_RESEARCH_RECRUITMENT = people.clinical_research_recruitment


@subject_type
class SurveyAnswer:
    """アンケート: one answer."""

    reached: strawberry.Private[Reached]
    survey: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="surveyAnswer",
        value=stored(_SURVEY_ANSWER, _SURVEY_ANSWER.c.activity_key),
        label="アンケート",
    )
    question: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="surveyAnswer",
        value=stored(_SURVEY_ANSWER, _SURVEY_ANSWER.c.question),
        label="質問",
    )
    answer: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="surveyAnswer",
        value=stored(_SURVEY_ANSWER, _SURVEY_ANSWER.c.answer),
        label="回答",
    )
    answered_at: Timestamp | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="surveyAnswer",
        value=stored(_SURVEY_ANSWER, utc(_SURVEY_ANSWER.c.answered_at)),
        label="回答日時",
    )


@subject_type
class CampaignEntry:
    """キャンペーン: one entry."""

    reached: strawberry.Private[Reached]
    campaign: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="campaignEntry",
        value=stored(_CAMPAIGN_ENTRY, _CAMPAIGN_ENTRY.c.activity_key),
        label="キャンペーン",
    )
    entry: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="campaignEntry",
        value=stored(_CAMPAIGN_ENTRY, _CAMPAIGN_ENTRY.c.entry),
        label="応募内容",
    )
    entered_at: Timestamp | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="campaignEntry",
        value=stored(_CAMPAIGN_ENTRY, utc(_CAMPAIGN_ENTRY.c.entered_at)),
        label="応募日時",
    )


@subject_type
class EventEntry:
    """イベント: one entry."""

    reached: strawberry.Private[Reached]
    event: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="eventEntry",
        value=stored(_EVENT_ENTRY, _EVENT_ENTRY.c.activity_key),
        label="イベント",
    )
    entry: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="eventEntry",
        value=stored(_EVENT_ENTRY, _EVENT_ENTRY.c.entry),
        label="申込内容",
    )
    entered_at: Timestamp | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="eventEntry",
        value=stored(_EVENT_ENTRY, utc(_EVENT_ENTRY.c.entered_at)),
        label="申込日時",
    )


@subject_type
class MonitorTrial:
    """商品のモニター試験: one note of it."""

    reached: strawberry.Private[Reached]
    trial: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="monitorTrial",
        value=stored(_MONITOR_TRIAL, _MONITOR_TRIAL.c.activity_key),
        label="モニター試験",
    )
    status: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="monitorTrial",
        value=stored(_MONITOR_TRIAL, _MONITOR_TRIAL.c.status),
        label="状況",
    )
    note: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="monitorTrial",
        value=stored(_MONITOR_TRIAL, _MONITOR_TRIAL.c.note),
        label="記録",
    )
    recorded_at: Timestamp | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="monitorTrial",
        value=stored(_MONITOR_TRIAL, utc(_MONITOR_TRIAL.c.recorded_at)),
        label="記録日時",
    )


@subject_type
class ClinicalResearchRecruitment:
    """臨床研究の被験者募集: one note of it."""

    reached: strawberry.Private[Reached]
    study: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="clinicalResearchRecruitment",
        value=stored(_CLINICAL_RESEARCH_RECRUITMENT, _CLINICAL_RESEARCH_RECRUITMENT.c.activity_key),
        label="臨床研究",
    )
    status: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="clinicalResearchRecruitment",
        value=stored(_CLINICAL_RESEARCH_RECRUITMENT, _CLINICAL_RESEARCH_RECRUITMENT.c.status),
        label="状況",
    )
    screening: str | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="clinicalResearchRecruitment",
        value=stored(_CLINICAL_RESEARCH_RECRUITMENT, _CLINICAL_RESEARCH_RECRUITMENT.c.screening),
        label="事前確認の回答",
    )
    recorded_at: Timestamp | None = governed(
        DataCategory.NEWLY_ACQUIRED,
        item="clinicalResearchRecruitment",
        value=stored(_CLINICAL_RESEARCH_RECRUITMENT, utc(_CLINICAL_RESEARCH_RECRUITMENT.c.recorded_at)),
        label="記録日時",
    )
