"""`sekisho consent show`: one person's records, and the timeline they fold into."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sekisho.cli.consequence import acceptance_text, scope_text
from sekisho.cli.output import table
from sekisho.consent.fold import Segment
from sekisho.consent.records import ConsentEvent
from sekisho.consent.state import Standing

_RECORDS = ("id", "kind", "said at", "recorded at", "about", "until", "ends")
_TIMELINE = ("from", "until", "account", "age", "acceptance", "withheld by", "links and consents", "participation")


def show_records(events: Sequence[ConsentEvent]) -> None:
    """A table of everything on record, oldest first."""
    table("on record", _RECORDS, (_record_row(event) for event in events))


def show_timeline(segments: Sequence[Segment], now: datetime) -> None:
    """A table of the person's whole time; the stretch that counts now is marked."""
    table("timeline", ("", *_TIMELINE), (_segment_row(segment, now) for segment in segments))


def record_facts(event: ConsentEvent) -> dict[str, Any]:
    """A record as JSON values; what it does not say is left out."""
    facts = {
        "id": event.id,
        "kind": event.kind.value,
        "event_time": event.event_time.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
        "version": event.version,
        "scope": event.scope.to_json() if event.scope is not None else None,
        "until": event.until.isoformat() if event.until else None,
        "ends": list(event.ends) or None,
        "key": event.key,
        "target": event.target.value if event.target else None,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def segment_facts(segment: Segment) -> dict[str, Any]:
    """A stretch of the timeline as JSON values; an open end is left out."""
    standing = segment.standing
    facts = {
        "from": segment.valid_from.isoformat() if segment.valid_from else None,
        "until": segment.valid_until.isoformat() if segment.valid_until else None,
        "account": standing.account_state.value,
        "can_use": standing.can_use,
        "age": standing.state.age.value,
        "acceptance": standing.state.acceptance.version if standing.state.acceptance else None,
        "denies": [[deny.kind.value, deny.scope.to_json()] for deny in standing.state.denies],
        "processing_restricted": standing.state.processing_restricted,
        "third_party_stopped": standing.state.third_party_stopped,
        "linked": sorted(standing.state.linked),
        "third_party_sources": sorted(standing.state.third_party_sources),
        "participations": sorted(standing.participations),
        "evidence": standing.evidence.to_json(),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def holds(segment: Segment, at: datetime) -> bool:
    """Whether the stretch counts at `at`."""
    begun = segment.valid_from is None or segment.valid_from <= at
    return begun and (segment.valid_until is None or at < segment.valid_until)


def _record_row(event: ConsentEvent) -> tuple[str, ...]:
    about = event.version or event.key or event.target
    return (
        event.id,
        event.kind,
        _time(event.event_time),
        _time(event.recorded_at),
        about or scope_text(event.scope),
        _time(event.until),
        "\n".join(event.ends),
    )


def _segment_row(segment: Segment, now: datetime) -> tuple[str, ...]:
    state = segment.standing.state
    return (
        "now" if holds(segment, now) else "",
        _time(segment.valid_from),
        _time(segment.valid_until),
        segment.standing.account_state,
        state.age,
        acceptance_text(state.acceptance),
        "\n".join(_withheld_by(segment.standing)),
        "\n".join((*sorted(state.linked), *sorted(state.third_party_sources))),
        "\n".join(sorted(segment.standing.participations)),
    )


def _withheld_by(standing: Standing) -> list[str]:
    state = standing.state
    found = [f"{deny.kind}: {scope_text(deny.scope)}" for deny in state.denies]
    found += ["restriction: PROCESSING"] if state.processing_restricted else []
    found += ["restriction: THIRD_PARTY_PROVISION"] if state.third_party_stopped else []
    return sorted(found) + (["ERROR: records contradict each other"] if state.error else [])


def _time(moment: datetime | None) -> str:
    return moment.isoformat(sep=" ", timespec="seconds") if moment else ""
