"""What a generated person said: a foundation that permits, and then whatever life brings."""

from typing import Any

from generated_draws import PROVIDERS, SERVICES, TERMS, Draws, Moments
from reference_tables import CATEGORY, D1, ITEMS_OF, PARENT, RECIPIENTS

Event = dict[str, Any]
Request = dict[str, Any]

OLD_TERMS = "terms-2020"
IDS = tuple("abcdefghijklmnopqrstuvw")
KEY_OF = {
    "LINK": "service",
    "UNLINK": "service",
    "THIRD_PARTY_CONSENT": "provider",
    "THIRD_PARTY_CONSENT_WITHDRAWAL": "provider",
    "PARTICIPATION": "activity",
    "PARTICIPATION_END": "activity",
}
GRANTS = ("ACCEPTANCE", "LINK", "THIRD_PARTY_CONSENT", "PARTICIPATION", "ADULT_ATTESTATION")
DENYING = ("WITHDRAWAL", "OBJECTION")
NAMING = ("LIFT", "WITHDRAWAL", "OBJECTION", "RESTRICTION")
LATER_KINDS = (
    *("ACCEPTANCE",) * 5,
    *("LIFT",) * 4,
    *("WITHDRAWAL",) * 4,
    *("OBJECTION",) * 4,
    *("RESTRICTION",) * 4,
    *("LINK", "UNLINK") * 2,
    *("THIRD_PARTY_CONSENT", "THIRD_PARTY_CONSENT_WITHDRAWAL"),
    *("PARTICIPATION", "PARTICIPATION_END") * 2,
    *("ADULT_ATTESTATION", "REFUSAL"),
)
_CHILDREN = {name: tuple(child for child in PARENT if PARENT[child] == name) for name in PARENT}
_PURPOSES, _CATEGORIES = tuple(PARENT), tuple(ITEMS_OF)


class Telling:
    """The events of one person, told one by one."""

    def __init__(
        self, draws: Draws, moments: Moments, request: Request, versions: list[str], birth_known: bool
    ) -> None:
        self.draws, self.moments, self.request, self.versions = draws, moments, request, versions
        self.birth_known = birth_known
        self.events: list[Event] = []
        self.free_ids = list(IDS)

    def told(self) -> list[Event]:
        """All events, in no order of time, some of them twice."""
        self._foundation()
        for _ in range(self.draws.one((0, 0, 1, 1, 2, 2, 3, 4, 5, 7, 9))):
            self._tell(self.draws.one(LATER_KINDS), self.moments.any())
        if self.events and self.draws.chance(0.1):
            self.events.append(dict(self.draws.one(self.events)))
        if self.events and self.draws.chance(0.03):
            self.events.append(self._contradiction(self.draws.one(self.events)))
        turn = self.draws.one(range(len(self.events) + 1))
        return self.events[turn:] + self.events[:turn]

    def _foundation(self) -> None:
        """The grants without which nearly everything would end at the same gate."""
        if self.draws.chance(0.93):
            self._tell("ACCEPTANCE", 0)
        datum = self.request.get("datum", {})
        if datum.get("source") == "LINKED_APP" and self.draws.chance(0.7):
            self._tell("LINK", 0)
        if datum.get("source") == "THIRD_PARTY" and self.draws.chance(0.6):
            self._tell("THIRD_PARTY_CONSENT", 0)
        if "activity" in datum and self.draws.chance(0.8):
            self._tell("PARTICIPATION", 0)
        if "study" in self.request and self.draws.chance(0.9):
            self._tell("PARTICIPATION", 0, key=self.request["study"])
        if not self.birth_known and self.draws.chance(0.75):
            self._tell("ADULT_ATTESTATION", 0)

    def _tell(self, kind: str, moment: int, key: str | None = None) -> None:
        draws, moments = self.draws, self.moments
        recorded_at = moments.spelled(moment)
        event_time = moments.spelled(moments.any()) if moment and draws.chance(0.4) else recorded_at
        event: Event = {"id": self._free_id(), "kind": kind, "event_time": event_time, "recorded_at": recorded_at}
        if kind in KEY_OF:
            event["key"] = key or self._key(KEY_OF[kind])
        event |= self._particulars(kind)
        if kind in GRANTS and draws.chance(0.08):
            event["until"] = moments.later()
        if kind == "LIFT" or (kind in NAMING and draws.chance(0.15)):
            event["ends"] = self._named()
        self.events.append(event)

    def _free_id(self) -> str:
        chosen = self.draws.one(self.free_ids)
        self.free_ids.remove(chosen)
        return chosen

    def _particulars(self, kind: str) -> Event:
        """What only this kind of event carries."""
        if kind == "RESTRICTION":
            return {"target": self.draws.one(("THIRD_PARTY_PROVISION", "PROCESSING"))}
        if kind == "ACCEPTANCE":
            scoped = {"scope": self._scope(covering=0.7)} if self.draws.chance(0.1) else {}
            return {"version": self._accepted_version()} | scoped
        if kind in DENYING and self.draws.chance(0.85):
            return {"scope": self._scope(covering=0.1)}
        return {}

    def _accepted_version(self) -> str:
        if self.draws.chance(0.03):
            return OLD_TERMS
        return self.draws.one(self.versions) if self.draws.chance(0.4) else self.versions[0]

    def _key(self, what: str) -> str:
        datum = self.request.get("datum", {})
        if what == "activity":
            asked = [key for key in (datum.get("activity"), self.request.get("study")) if key is not None]
            return self.draws.one(asked) if asked and self.draws.chance(0.9) else f"SURVEY:{self.draws.one(TERMS)}"
        if "name" in datum and self.draws.chance(0.9):
            return str(datum["name"])
        return self.draws.one(SERVICES if what == "service" else PROVIDERS)

    def _named(self) -> list[str]:
        """Ids to end: mostly of denies and restrictions told so far, sometimes of something else or of nothing."""
        ending = [event["id"] for event in self.events if event["kind"] in (*DENYING, "RESTRICTION")]
        if ending and self.draws.chance(0.8):
            return sorted({self.draws.one(ending), self.draws.one(ending)})
        return [self.draws.one(self.events)["id"] if self.events and self.draws.chance(0.7) else "nothing"]

    def _contradiction(self, event: Event) -> Event:
        """The same id with another content: another instant (no told event has this one), version or key."""
        changed = {self.draws.one(("event_time", "recorded_at")): self.moments.last()}
        if self.draws.chance(0.5):
            changed = {"version": "other"} if "version" in event else {"key": "OTHER"} if "key" in event else changed
        return event | changed

    def _scope(self, covering: float) -> dict[str, list[str]]:
        draws, scope = self.draws, {}
        if draws.chance(0.03):
            return {}
        if draws.chance(0.5):
            scope["categories"] = self._part(CATEGORY[self.request["item"]], _CATEGORIES)
        if draws.chance(0.6):
            scope["purposes"] = self._purposes(covering)
        if draws.chance(0.4) or not scope:
            scope["recipients"] = self._part(self.request["recipient"], RECIPIENTS)
        return scope

    def _part(self, near: str, far: tuple[str, ...]) -> list[str]:
        if self.draws.chance(0.03):
            return []
        names = {near if self.draws.chance(0.8) else self.draws.one(far)}
        if self.draws.chance(0.2):
            names.add(self.draws.one(far))
        return sorted(names)

    def _purposes(self, covering: float) -> list[str]:
        """Names around what is declared: itself, its parent, its children and siblings; or all that is declared."""
        draws, request = self.draws, self.request
        declared = [request[name] for name in ("purpose", "disclosure", "serves") if name in request] or [D1]
        if draws.chance(covering):
            return sorted({draws.one((name, PARENT[name] or name)) for name in declared})
        name = draws.one(declared)
        parent = PARENT[name] or name
        return self._part(draws.one((name, name, parent, *_CHILDREN[parent])), _PURPOSES)
