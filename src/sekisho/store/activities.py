"""Surveys, campaigns, events, monitor trials and clinical studies that people take part in."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.policy.document import Label
from sekisho.store.tables.registry import ACTIVITY_KINDS, activity


class ActivityRefused(Exception):  # noqa: N818 - a verdict, with what to do
    """This activity cannot be registered; the message says why."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity. Its key is `KIND:name`. `sensitive`: its rows may tell of illness or disability."""

    key: str
    title: Label
    sensitive: bool

    @property
    def kind(self) -> str:
        """The part of the key before the colon."""
        return self.key.partition(":")[0]


async def all_activities(connection: AsyncConnection) -> tuple[Activity, ...]:
    """Every activity, by key."""
    rows = await connection.execute(select(activity).order_by(activity.c.activity_key))
    return tuple(Activity(row.activity_key, Label(row.title_ja, row.title_en), row.sensitive) for row in rows)


async def ensure_activity(connection: AsyncConnection, wanted: Activity) -> Activity:
    """The activity of this key as it is registered: `wanted` if the key is new, else what was registered before.

    Raises `ActivityRefused` for a key that is not `KIND:name`.
    """
    kind, _, name = wanted.key.partition(":")
    if kind not in ACTIVITY_KINDS or not name.strip():
        raise ActivityRefused(f"`{wanted.key}` is no activity key; write `KIND:name` with {', '.join(ACTIVITY_KINDS)}")
    added = insert(activity).values(
        activity_key=wanted.key,
        kind=kind,
        title_ja=wanted.title.ja,
        title_en=wanted.title.en,
        sensitive=wanted.sensitive,
    )
    await connection.execute(added.on_conflict_do_nothing())
    query = select(activity).where(activity.c.activity_key == wanted.key)
    row = (await connection.execute(query)).one()
    return Activity(row.activity_key, Label(row.title_ja, row.title_en), row.sensitive)


async def known_activity(connection: AsyncConnection, activity_key: str) -> bool:
    """Whether there is such a survey, campaign, event, trial or study."""
    chosen = select(activity.c.activity_key).where(activity.c.activity_key == activity_key)
    return await connection.scalar(chosen) is not None
