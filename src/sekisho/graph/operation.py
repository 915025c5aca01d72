"""One operation: who asks, for what, at which instant, and everything it released.

Every governed value of the answer passes `Operation.read`, every list `Operation.rows`: they ask the one decision,
then the one reader, and note what became of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from strawberry.dataloader import DataLoader

from sekisho.consent.state import Evidence, Standing, SubjectState
from sekisho.decision import (
    AccessRequest,
    Datum,
    Decision,
    Denied,
    Override,
    Permitted,
    Rules,
    SourceBit,
    decide,
)
from sekisho.declaration import Declared, Recipient, Refused
from sekisho.graph.exchange import Caller
from sekisho.graph.governed import Governed, GovernedList
from sekisho.graph.limits import Limits
from sekisho.graph.reached import Person, Reached
from sekisho.graph.releases import Release, Use
from sekisho.graph.report import Path, Report
from sekisho.graph.sealing import Pseudonyms, SealingKeys
from sekisho.policy.lens import Lens
from sekisho.store.questions import Reach, Wanted
from sekisho.store.reading import FoundRow, PersonRow, Snapshot
from sekisho.store.rows import Window
from sekisho.vocabulary import Reason


@dataclass(frozen=True)
class Circumstances:
    """What is settled before execution begins."""

    caller: Caller
    recipient: Recipient
    lens: Lens
    rules: Rules
    sources: Mapping[int, SourceBit]
    keys: SealingKeys
    limits: Limits
    declared: Declared | None = None
    override: Override | None = None
    handling: bool = False

    def question(self, item: str, datum: Datum | None = None) -> AccessRequest:
        """The access request for `item` with everything else that is settled."""
        study = self.declared.study if self.declared else None
        own = self.recipient.linked_service
        return AccessRequest(self.lens, item, datum, study, own, self.override, self.handling)


@dataclass
class Operation:
    """The context of one execution. `refused` is set when a resolver finds that nothing may be answered."""

    circumstances: Circumstances
    reach: Reach
    snapshot: Snapshot
    states: Callable[[Snapshot, set[int]], Any]
    report: Report
    releases: dict[str, Release] = field(default_factory=dict)
    refused: Refused | None = None

    def __post_init__(self) -> None:
        """One batch of values, and one of rows, per step of execution."""
        here = self.circumstances
        self.pseudonyms = Pseudonyms(here.keys.pseudonyms, here.recipient.recipient_id, here.lens)
        self._values: DataLoader[Wanted, Any] = DataLoader(load_fn=self._load_values)
        self._rows: DataLoader[tuple[GovernedList, Window, Person], list[FoundRow]] = DataLoader(
            load_fn=self._load_rows
        )
        self._verdicts: dict[Any, Decision] = {}

    def judge(self, person: Person, item: str, datum: Datum | None = None) -> Decision:
        """The decision for one item of one person. Profiles are immutable, so within one it is asked once."""
        own = person.standing.participations if datum or (self.reach.study is not None) else frozenset()
        key = (person.profile_id, item, datum, own)
        if key not in self._verdicts:
            self._verdicts[key] = decide(
                self.circumstances.rules, self.circumstances.question(item, datum), person.standing
            )
        return self._verdicts[key]

    async def read(self, reached: Reached, declared: Governed, coordinate: str, path: Any) -> Any:
        """The value of one governed field, or `None` with the refusal noted and reported."""
        person, use = reached.person, Use(coordinate, "VALUE", declared.item)
        decision = self.judge(person, declared.item, reached.datum)
        if isinstance(decision, Denied):
            return self._withhold(reached, use, decision.reason, "w", path)
        wanted = Wanted(person.subject_id, reached.row_id, person.sources, declared.value, decision.transform)
        value, source_id = await self._values.load(wanted)
        if reached.datum is None and source_id is not None:
            decision = self.judge(person, declared.item, self.datum(source_id, None))
            if isinstance(decision, Denied):
                return self._withhold(reached, use, decision.reason, "s", path)
        self._release(reached).note(person, use, "e" if value is None else "v", decision.transform)
        return declared.parse(value) if declared.parse else value

    async def rows(
        self, reached: Reached, declared: GovernedList, window: Window, coordinate: str, path: Any
    ) -> list[Any] | None:
        """The rows of one governed list, or `None` with the refusal noted and reported."""
        person, use = reached.person, Use(coordinate, "VALUE", declared.item)
        decision = self.judge(person, declared.item)
        if isinstance(decision, Denied):
            self._withhold(reached, use, decision.reason, "w", path)
            return None
        found = await self._rows.load((declared, window, person))
        rows = [
            declared.element(reached=Reached(person, reached.root, row.row_id, datum))
            for row, datum in ((row, self.datum(row.source_id, row.activity)) for row in found)
            if isinstance(self.judge(person, declared.item, datum), Permitted)
        ]
        release = self._release(reached)
        release.note(person, use, "v" if rows else "e", decision.transform)
        release.count(person, coordinate, len(rows))
        return rows

    async def people(self, rows: Sequence[PersonRow]) -> list[Person]:
        """The people found, with where each stands."""
        states: Mapping[int, SubjectState] = await self.states(self.snapshot, {row.profile_id for row in rows})
        return [
            Person(
                row.subject_id,
                row.handle,
                row.profile_id,
                Standing(states[row.profile_id], row.participations, Evidence.from_json(row.evidence)),
                row.sources,
                row.letters,
            )
            for row in rows
        ]

    def refuse(self, refused: Refused) -> Refused:
        """The whole operation is refused: no other root field may touch data after this."""
        self.refused = self.refused or refused
        return refused

    def proceed(self) -> None:
        """Raises the refusal, if there is one, before data is touched."""
        if self.refused is not None:
            raise self.refused

    def release(self, root: str) -> Release:
        """The release of a root field, by its response key."""
        return self.releases.setdefault(root, Release(root))

    def datum(self, source_id: int, activity: str | None) -> Datum:
        """Where a stored value came from, in the decision's words."""
        source = self.circumstances.sources[source_id]
        return Datum(source.kind, source.name or None, activity)

    def reveal(self, pseudonym: str) -> UUID | None:
        """The person behind a pseudonym of this recipient and purpose."""
        return self.pseudonyms.reveal(pseudonym)

    def _release(self, reached: Reached) -> Release:
        return self.release(reached.root)

    def _withhold(self, reached: Reached, use: Use, reason: Reason, letter: str, path: Any) -> None:
        self._release(reached).note(reached.person, use, letter)
        steps: Path = tuple(path.as_list())
        self.report.withhold(use.coordinate, reason, steps, sourced=letter == "s")

    async def _load_values(self, wanted: list[Wanted]) -> list[Any]:
        return list(await self.snapshot.values(wanted))

    async def _load_rows(self, keys: list[tuple[GovernedList, Window, Person]]) -> list[list[FoundRow]]:
        found: dict[Any, list[FoundRow]] = {}
        for declared, window in dict.fromkeys((declared, window) for declared, window, _ in keys):
            people = {each.subject_id: each.sources for key, at, each in keys if (key, at) == (declared, window)}
            rows = await self.snapshot.rows(self.reach, declared.rows, window, people)
            found |= {(declared, window, subject_id): rows[subject_id] for subject_id in people}
        return [found[declared, window, person.subject_id] for declared, window, person in keys]
