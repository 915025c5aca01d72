"""What may be put on record at all: the rules of the write path."""

from collections.abc import Iterable

from sekisho.consent.fold import GRANTS, LIFTING
from sekisho.consent.records import ConsentEvent
from sekisho.vocabulary import EventKind

KEYED = frozenset(
    {
        EventKind.LINK,
        EventKind.UNLINK,
        EventKind.THIRD_PARTY_CONSENT,
        EventKind.THIRD_PARTY_CONSENT_WITHDRAWAL,
        EventKind.PARTICIPATION,
        EventKind.PARTICIPATION_END,
    }
)
"""Events about one service, provider or activity, named by `key`."""

_SCOPED = frozenset({EventKind.WITHDRAWAL, EventKind.OBJECTION})


class ConsentRefused(ValueError):  # noqa: N818 - the domain's word
    """The event cannot be put on record; nothing was written."""


def check_new_event(event: ConsentEvent, recorded: Iterable[ConsentEvent]) -> None:
    """Refuse an event that would be unclear, unlimited or a contradiction. `recorded` is the person's history."""
    history = {earlier.id: earlier for earlier in recorded}
    if event.id in history:
        raise ConsentRefused(f"event id `{event.id}` is already on record with other content; use a new id")
    _check_times(event)
    _check_version(event)
    _check_scope(event)
    _check_key(event)
    _check_target(event)
    _check_ends(event, history)


def _check_times(event: ConsentEvent) -> None:
    for name, moment in (("event_time", event.event_time), ("recorded_at", event.recorded_at), ("until", event.until)):
        if moment is not None and moment.tzinfo is None:
            raise ConsentRefused(f"`{name}` has no time zone; write it like 2026-04-01T09:00:00+09:00")
    if event.until is not None and event.kind not in GRANTS:
        raise ConsentRefused(f"`{event.kind}` has no `until`: it ends only by an event that names it")
    if event.until is not None and event.until <= event.event_time:
        raise ConsentRefused("`until` is not after `event_time`; leave it out for a record without end")


def _check_version(event: ConsentEvent) -> None:
    if event.kind is EventKind.ACCEPTANCE and not event.version:
        raise ConsentRefused("an acceptance names the policy version it accepts; set `version`")


def _check_scope(event: ConsentEvent) -> None:
    if event.scope is None:
        return
    if event.kind not in _SCOPED:
        raise ConsentRefused(f"`{event.kind}` is whole and takes no scope; only withdrawal and objection may be scoped")
    if event.scope.names_nothing():
        raise ConsentRefused("the scope names nothing; name what is meant, or leave `scope` out to mean everything")


def _check_key(event: ConsentEvent) -> None:
    if event.kind in KEYED and not event.key:
        raise ConsentRefused(f"`{event.kind}` names the service, provider or activity it is about; set `key`")
    if event.kind not in KEYED and event.key:
        raise ConsentRefused(f"`{event.kind}` takes no `key`; leave it out")


def _check_target(event: ConsentEvent) -> None:
    if (event.kind is EventKind.RESTRICTION) != (event.target is not None):
        raise ConsentRefused("a restriction, and nothing else, sets `target`: PROCESSING or THIRD_PARTY_PROVISION")


def _check_ends(event: ConsentEvent, history: dict[str, ConsentEvent]) -> None:
    if event.kind is EventKind.LIFT and not event.ends:
        raise ConsentRefused("a lift names the records it ends; set `ends` to their ids")
    if event.ends and event.kind not in LIFTING:
        raise ConsentRefused(f"`{event.kind}` cannot end records by id; use a lift")
    for ended in event.ends:
        bar = history.get(ended)
        if bar is None or bar.kind not in LIFTING - {EventKind.LIFT}:
            raise ConsentRefused(
                f"`{ended}` is no withdrawal, objection or restriction of this person; list their records"
            )
        if bar.recorded_at >= event.recorded_at:
            raise ConsentRefused(f"`{ended}` was not recorded before this event, so it cannot be ended by it")
