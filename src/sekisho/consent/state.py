"""The state a subject's records fold into: interned, so it holds no ids and no times."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sekisho.consent.records import Scope
from sekisho.vocabulary import AccountState, AgeStatus, EventKind


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An acceptance of the policy in force: of which version, and how far it reaches (`None`: everything)."""

    version: str
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Deny:
    """A scoped withdrawal or objection in force."""

    kind: EventKind
    scope: Scope


@dataclass(frozen=True, slots=True)
class SubjectState:
    """What the person's records say at one instant. Equal states are one consent profile.

    `error` means the records contradict themselves; everything is denied then.
    """

    closed: bool = False
    age: AgeStatus = AgeStatus.AGE_UNVERIFIED
    processing_restricted: bool = False
    third_party_stopped: bool = False
    acceptance: Acceptance | None = None
    denies: frozenset[Deny] = frozenset()
    linked: frozenset[str] = frozenset()
    third_party_sources: frozenset[str] = frozenset()
    error: bool = False

    def canonical(self) -> str:
        """The state as text, equal exactly for equal states."""
        denies = [[deny.kind.value, deny.scope.to_json()] for deny in self.denies]
        facts: dict[str, Any] = {
            "age": self.age.value,
            "closed": self.closed,
            "denies": sorted(denies, key=_compact),
            "error": self.error,
            "linked": sorted(self.linked),
            "processing_restricted": self.processing_restricted,
            "third_party_sources": sorted(self.third_party_sources),
            "third_party_stopped": self.third_party_stopped,
        }
        if self.acceptance is not None:
            facts["acceptance"] = {"version": self.acceptance.version, **_scope_json(self.acceptance.scope)}
        return _compact(facts)

    @classmethod
    def from_canonical(cls, text: str) -> Self:
        """The state that `canonical()` wrote. Raises `ValueError` or `KeyError` for anything else."""
        facts = json.loads(text)
        acceptance = facts.get("acceptance")
        return cls(
            closed=facts["closed"],
            age=AgeStatus(facts["age"]),
            processing_restricted=facts["processing_restricted"],
            third_party_stopped=facts["third_party_stopped"],
            acceptance=_acceptance(acceptance) if acceptance else None,
            denies=frozenset(Deny(EventKind(kind), Scope.from_json(scope)) for kind, scope in facts["denies"]),
            linked=frozenset(facts["linked"]),
            third_party_sources=frozenset(facts["third_party_sources"]),
            error=facts["error"],
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Which records stand behind the state: ids of consent events, for the disclosure record and `explain`."""

    acceptance: str = ""
    denies: tuple[str, ...] = ()
    restrictions: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The evidence as stored beside the subject's state."""
        return {
            "acceptance": self.acceptance,
            "denies": list(self.denies),
            "restrictions": list(self.restrictions),
            "grants": list(self.grants),
        }

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Self:
        """The evidence that `to_json()` wrote."""
        return cls(facts["acceptance"], tuple(facts["denies"]), tuple(facts["restrictions"]), tuple(facts["grants"]))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands at one instant: the interned state and what is their own.

    `participations` are activity keys (surveys, campaigns, trials) with evidence in force.
    """

    state: SubjectState
    participations: frozenset[str] = frozenset()
    evidence: Evidence = Evidence()
    account_state: AccountState = AccountState.REGISTERED

    @property
    def can_use(self) -> bool:
        """Whether the person may use the service themself (policy text, lines 10, 67, 68)."""
        return self.account_state is AccountState.ACTIVE


def _acceptance(facts: Mapping[str, Any]) -> Acceptance:
    return Acceptance(facts["version"], Scope.from_json(facts["scope"]) if "scope" in facts else None)


def _scope_json(scope: Scope | None) -> dict[str, Any]:
    return {} if scope is None else {"scope": scope.to_json()}


def _compact(facts: Mapping[str, Any] | Iterable[Any]) -> str:
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
