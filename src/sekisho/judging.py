"""One case as JSON, judged: what anyone needs to test this decision against a model of their own.

A case is a JSON object. An absent member is left out, never null; an unknown one is refused. An instant is ISO 8601
with an offset from UTC; words are those of `sekisho.vocabulary`, compared exactly.

    {"at": instant,                             when the question is asked
     "versions": [version, ...],                the policy versions there are; left out: the policy as it stands
     "request": {"recipient": recipient type,   the lens, normalised as in `sekisho.policy.lens`
                 "purpose": purpose, "disclosure": disclosure purpose, "serves": purpose,
                 "item": item id,
                 "study": activity key,         only this activity's participants are read
                 "case_items": [item id, ...],  an approved case that lists this person, and these items
                 "own_service": service,        the linked service of a data linkage partner
                 "handling": bool,              a rights desk handles an open request of this person
                 "datum": {"source": source kind, "name": service or provider, "activity": activity key}},
     "subject": {"birth_date": date, "birth_precision": "DAY" | "MONTH" | "YEAR", "closed_at": instant},
     "events": [event, ...]}                    in any order, duplicates welcome

Required: `at`; of the request `recipient` and `item`; of a datum `source`. Without `datum` the item is asked as such.

    version: {"id": text, "effective_from": instant, "revoked": bool, "partial_withdrawal": "narrows" | "ends_use",
              "without": {"categories": [...], "purposes": [...], "recipients": [...]}}

A version is the policy with another name and first instant, whose text leaves out what `without` names (a purpose
with its children). Required: `id`, `effective_from`.

    event: {"id": text, "kind": event kind, "event_time": instant, "recorded_at": instant, "version": text,
            "scope": {"categories": [...], "purposes": [...], "recipients": [...]}, "until": instant,
            "ends": [event id, ...], "key": text, "target": "PROCESSING" | "THIRD_PARTY_PROVISION"}

Required: `id`, `kind` and both times; `version` of an ACCEPTANCE, `target` of a RESTRICTION, `key` of what is about a
service, a provider or an activity. A part left out of a scope means any, an empty one none; `{}` reaches nothing.

The answer is `{"verdict": "PERMIT", "transform": transform, "line": line of the policy text}`, or
`{"verdict": "DENY", "reason": reason, "gates": [{"gate": gate, "reason": reason}, ...]}` with every gate that refuses,
in order; the first one's reason is the verdict's.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from sekisho.consent.fold import fold
from sekisho.consent.records import AnyPurpose, ConsentEvent, Scope, SubjectFacts
from sekisho.consent.state import Standing
from sekisho.consent.writing import KEYED
from sekisho.decision import AccessRequest, Datum, Override, Permitted, Rules, decide, explain
from sekisho.policy.document import Policies, Policy
from sekisho.policy.lens import Lens
from sekisho.spelling import CaseError, Members, any_purpose, birth_date, boolean, instant, list_of, one_of, text, word
from sekisho.vocabulary import (
    BirthPrecision,
    DataCategory,
    DisclosurePurpose,
    EventKind,
    PartialWithdrawal,
    Purpose,
    RecipientType,
    RestrictionTarget,
    SourceKind,
)

_KEPT = 4096  # sets of policy versions kept ready; a run of cases repeats few of them


@dataclass(frozen=True)
class Case:
    """A case that was read: the question, the rules at its instant, and what the person put on record."""

    at: datetime
    rules: Rules
    request: AccessRequest
    facts: SubjectFacts
    events: tuple[ConsentEvent, ...]

    @cached_property
    def standing(self) -> Standing:
        """Where the person stands at the case's instant."""
        return fold(self.events, self.facts, self.rules.policies, self.at)


class Version(NamedTuple):
    """How a policy version of a case differs from the policy itself."""

    id: str
    effective_from: datetime
    revoked: bool
    partial_withdrawal: PartialWithdrawal | None
    categories: frozenset[DataCategory]
    purposes: frozenset[AnyPurpose]
    recipients: frozenset[RecipientType]


class Judge:
    """Reads and answers cases about one policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._items = {item.id: item.id for item in policy.items}
        self._policies = lru_cache(_KEPT)(self._vary)

    def answer(self, case: Any) -> dict[str, Any]:
        """The verdict on `case`, as JSON values. Raises `CaseError` for what is no case."""
        read = self.read(case)
        asked = (read.rules, read.request, read.standing)
        decision = decide(*asked)
        if isinstance(decision, Permitted):
            return {"verdict": "PERMIT", "transform": decision.transform.value, "line": decision.ground.line}
        refusing = [finding for finding in explain(*asked) if finding.reason is not None]
        gates = [{"gate": finding.gate, "reason": str(finding.reason)} for finding in refusing]
        return {"verdict": "DENY", "reason": decision.reason.value, "gates": gates}

    def read(self, case: Any) -> Case:
        """The case that the JSON object `case` spells. Raises `CaseError`."""
        told = Members(case, "", ("at", "versions", "request", "subject", "events"))
        at = told.get("at", instant)
        versions = told.maybe("versions", list_of(_version))
        policies = Policies((self._policy,)) if versions is None else self._policies(versions)
        return Case(
            at,
            Rules(policies, policies.current(at)),
            told.get("request", self._request),
            told.maybe("subject", _facts) or SubjectFacts(),
            told.maybe("events", list_of(_event)) or (),
        )

    def _vary(self, versions: tuple[Version, ...]) -> Policies:
        varied = tuple(
            self._policy.variant(
                each.id, each.effective_from, each.partial_withdrawal, each.categories, each.purposes, each.recipients
            )
            for each in versions
        )
        try:
            return Policies(varied, frozenset(each.id for each in versions if each.revoked))
        except ValueError:
            raise CaseError("versions", "versions whose ids differ") from None

    def _item(self, value: Any, place: str) -> str:
        return one_of(self._items, value, place)

    def _request(self, value: Any, place: str) -> AccessRequest:
        told = Members(value, place, _REQUEST)
        lens = Lens(
            told.get("recipient", word(RecipientType)),
            told.maybe("purpose", word(Purpose)),
            told.maybe("disclosure", word(DisclosurePurpose)),
            told.maybe("serves", word(Purpose)),
        )
        if lens.serves is not None and lens.purpose is not Purpose.INCIDENTAL:
            raise CaseError(f"{place}.serves", "nothing, except with the purpose INCIDENTAL")
        opened = told.maybe("case_items", list_of(self._item))
        return AccessRequest(
            lens,
            told.get("item", self._item),
            told.maybe("datum", _datum),
            told.maybe("study", text),
            told.maybe("own_service", text),
            None if opened is None else Override(frozenset(opened)),
            told.maybe("handling", boolean) or False,
        )


_REQUEST = (
    *("recipient", "purpose", "disclosure", "serves", "item", "study", "case_items", "own_service", "handling"),
    "datum",
)
_EVENT = ("id", "kind", "event_time", "recorded_at", "version", "scope", "until", "ends", "key", "target")
_PARTS = ("categories", "purposes", "recipients")
_NEEDED = dict.fromkeys(KEYED, "key") | {EventKind.ACCEPTANCE: "version", EventKind.RESTRICTION: "target"}


def _version(value: Any, place: str) -> Version:
    told = Members(value, place, ("id", "effective_from", "revoked", "partial_withdrawal", "without"))
    without = told.maybe("without", _parts)
    return Version(
        told.get("id", text),
        told.get("effective_from", instant),
        told.maybe("revoked", boolean) or False,
        told.maybe("partial_withdrawal", word(PartialWithdrawal)),
        (without and without.categories) or frozenset(),
        (without and without.purposes) or frozenset(),
        (without and without.recipients) or frozenset(),
    )


def _event(value: Any, place: str) -> ConsentEvent:
    told = Members(value, place, _EVENT)
    kind = told.get("kind", word(EventKind))
    if (needed := _NEEDED.get(kind)) is not None and needed not in value:
        raise CaseError(f"{place}.{needed}", f"a value: `{kind}` needs it")
    return ConsentEvent(
        told.get("id", text),
        kind,
        told.get("event_time", instant),
        told.get("recorded_at", instant),
        told.maybe("version", text),
        told.maybe("scope", _scope),
        told.maybe("until", instant),
        told.maybe("ends", list_of(text)) or (),
        told.maybe("key", text),
        told.maybe("target", word(RestrictionTarget)),
    )


def _facts(value: Any, place: str) -> SubjectFacts:
    told = Members(value, place, ("birth_date", "birth_precision", "closed_at"))
    return SubjectFacts(
        told.maybe("birth_date", birth_date),
        told.maybe("birth_precision", word(BirthPrecision)),
        told.maybe("closed_at", instant),
    )


def _datum(value: Any, place: str) -> Datum:
    told = Members(value, place, ("source", "name", "activity"))
    return Datum(told.get("source", word(SourceKind)), told.maybe("name", text), told.maybe("activity", text))


def _scope(value: Any, place: str) -> Scope:
    return _parts(value, place) or Scope.from_json({})


def _parts(value: Any, place: str) -> Scope | None:
    """The parts that are named; `None` when there is not one."""
    told = Members(value, place, _PARTS)
    if not value:
        return None
    purposes = told.maybe("purposes", list_of(any_purpose))
    categories = told.maybe("categories", list_of(word(DataCategory)))
    recipients = told.maybe("recipients", list_of(word(RecipientType)))
    return Scope(
        None if categories is None else frozenset(categories),
        None if purposes is None else frozenset(purposes),
        None if recipients is None else frozenset(recipients),
    )
