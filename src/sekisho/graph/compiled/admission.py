"""Who asks, for what, and whom that reaches: learnt once, good while the registry stays as it is.

What is kept here is never trusted by itself: the statement compares the registry's generation in its own snapshot, so
that a client revoked, a case closed or a policy version withdrawn counts from the statement that starts after it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from sekisho.decision import Override
from sekisho.declaration import Admission, Declaration, Declared
from sekisho.graph import admitting
from sekisho.graph.exchange import Caller
from sekisho.graph.limits import Limits
from sekisho.graph.operation import Circumstances
from sekisho.graph.recording import legal_basis
from sekisho.graph.sealing import Pseudonyms, SealingKeys
from sekisho.policy.document import Policies
from sekisho.store.cases import Case
from sekisho.store.generation import current_generation
from sekisho.store.profiles import lens_id_of
from sekisho.store.questions import Reach
from sekisho.store.reading import snapshot
from sekisho.vocabulary import LegalBasis, RecipientType

_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Admitted:
    """What was learnt, and within which generation and time it holds."""

    generation: UUID
    since: datetime
    until: datetime
    circumstances: Circumstances
    declared: Declared
    reach: Reach
    case: Case | None
    lens_id: int | None
    pseudonyms: Pseudonyms
    basis: LegalBasis


@dataclass(frozen=True)
class Desk:
    """Learns. Raises `sekisho.declaration.Refused` for whoever may not ask."""

    database: AsyncEngine
    policies: Policies
    keys: SealingKeys
    limits: Limits
    admission: Admission

    async def learn(self, caller: Caller, said: Declaration) -> Admitted:
        """Everything about this caller and declaration that one snapshot of the registry says."""
        async with snapshot(self.database) as view:
            generation = await current_generation(view.connection)
            standing = await admitting.admitted(view, caller, self.policies, self.admission)
            declared, case = await admitting.declared(view, standing, said, self.admission)
            reach = await admitting.reach(view, standing, caller, declared, case)
            lens_id = await lens_id_of(view.connection, declared.lens)
        here = Circumstances(
            caller,
            standing.recipient,
            declared.lens,
            standing.rules,
            {source.bit: source for source in standing.sources},
            self.keys,
            self.limits,
            declared,
            Override(case.items) if case else None,
        )
        kind = declared.lens.recipient_type
        if kind is RecipientType.SELF:
            # The person's own masks are stored like everybody's; whose they are comes with each request.
            reach = Reach(reach.policy_version, reach.lens_key, only=(), participating=False)
        basis = legal_basis(kind, override=here.override is not None, handling=here.handling)
        pseudonyms = Pseudonyms(self.keys.pseudonyms, standing.recipient.recipient_id, declared.lens)
        until = min(_changes(standing, case, view.instant), default=_FOR_EVER)
        return Admitted(generation, view.instant, until, here, declared, reach, case, lens_id, pseudonyms, basis)


def _changes(standing: admitting.Standing, case: Case | None, now: datetime) -> list[datetime]:
    """The instants ahead at which what was learnt ends by itself."""
    recipient = standing.recipient
    ends = [recipient.valid_until, recipient.revoked_at, case.expires_at if case else None]
    ends += [case.closed_at if case else None]
    ends += [version.effective_from for version in standing.rules.policies.versions]
    return [each for each in ends if each is not None and each > now]
