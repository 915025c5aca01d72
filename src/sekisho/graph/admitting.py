"""Before execution: who asks, for what, and whom that reaches. Everything that can refuse the whole operation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from graphql import OperationDefinitionNode

from sekisho.consent.state import SubjectState
from sekisho.decision import AccessRequest, Override, Rules, SourceBit, mask, static_refusal
from sekisho.declaration import Admission, Declaration, Declared, Recipient, Refused, admit, judge, merge
from sekisho.graph.documents import declared_in
from sekisho.graph.exchange import Caller, DeclaredHeaders, GraphRequest
from sekisho.policy.document import Policies
from sekisho.policy.lens import Lens
from sekisho.store.activities import known_activity
from sekisho.store.cases import Case, open_case
from sekisho.store.profiles import profiles, source_bits
from sekisho.store.questions import Masks, Reach
from sekisho.store.reading import Snapshot
from sekisho.store.recipients import current_recipient
from sekisho.store.versions import revoked_versions
from sekisho.vocabulary import RecipientType, Refusal, SourceKind


@dataclass(frozen=True)
class Standing:
    """The caller as the registry has it, and the rules in force at the operation's instant."""

    recipient: Recipient
    rules: Rules
    sources: tuple[SourceBit, ...]


async def admitted(snapshot: Snapshot, caller: Caller, policies: Policies, admission: Admission) -> Standing:
    """The caller may ask at all. Raises `Refused`."""
    connection = snapshot.connection
    recipient = admit(await current_recipient(connection, caller.client_id), snapshot.instant, admission)
    if recipient.recipient_type is RecipientType.SELF and caller.subject_id is None:
        raise Refused(Refusal.TOKEN_INVALID, "this client acts for data subjects; the token must name one")
    versions = replace(policies, revoked=policies.revoked | await revoked_versions(connection, snapshot.instant))
    rules = Rules(versions, versions.current(snapshot.instant))
    return Standing(recipient, rules, await source_bits(connection))


def declaration(operation: OperationDefinitionNode, headers: DeclaredHeaders) -> Declaration:
    """What directive and headers say together. Raises `Refused` when they disagree."""
    said = declared_in(operation)

    def merged(name: str, sent: tuple[str, ...] = ()) -> str | None:
        return merge([[each[name] for each in said if name in each], sent], name)

    return Declaration(
        purpose=merged("purpose", headers.purpose),
        disclosure=merged("disclosure", headers.disclosure),
        recipient=merged("recipient", headers.recipient),
        reference=merged("reference", headers.reference),
        serves=merged("serves"),
        study=merged("study"),
    )


async def declared(
    snapshot: Snapshot, standing: Standing, said: Declaration, admission: Admission
) -> tuple[Declared, Case | None]:
    """The declaration, entitled and with its reference open. Raises `Refused`."""
    found = judge(said, standing.recipient, admission)
    if standing.rules.current is None:
        raise Refused(Refusal.POLICY_NOT_ACTIVE, "no policy version is in force; the operator must activate one")
    if found.study is not None and not await _known_study(snapshot, found.study):
        raise Refused(Refusal.STUDY_INVALID, "there is no such study; ask the operator for its identifier")
    if found.handles_request:
        raise Refused(Refusal.REFERENCE_NOT_OPEN, "no open request has this reference; check it with the rights desk")
    case = await _case(snapshot, standing.recipient, found) if found.needs_case else None
    override = Override(case.items) if case else None
    if not _permits_something(standing, found, override):
        raise Refused(
            Refusal.NOTHING_PERMITTED, "this purpose and recipient may see nothing at all; declare another purpose"
        )
    return found, case


async def reach(snapshot: Snapshot, standing: Standing, caller: Caller, found: Declared, case: Case | None) -> Reach:
    """Whom the operation can find: everybody the lens permits, or the person themself, or those a case lists."""
    current = standing.rules.current
    own = standing.recipient.linked_service
    narrowed = (
        _own_sources(standing.sources, own) if found.lens.recipient_type is RecipientType.DATA_LINKAGE_PARTNER else None
    )
    everybody = Reach(current.id if current else "", found.lens.key, narrowed, found.study)
    if found.lens.recipient_type is RecipientType.SELF:
        only: tuple[UUID, ...] = (caller.subject_id,) if caller.subject_id else ()
        like = AccessRequest(found.lens, "")
    elif case is not None:
        only, like = tuple(sorted(case.subjects)), AccessRequest(found.lens, "", override=Override(case.items))
    else:
        return everybody
    states = await profiles(snapshot.connection, await snapshot.profiles_of(only))
    masks = _masks(standing, found.lens, states, like)
    return replace(everybody, sources=None, only=only, masks=masks, participating=False)


def _masks(standing: Standing, lens: Lens, states: Mapping[int, SubjectState], like: AccessRequest) -> Masks:
    found = [mask(standing.rules, lens, state, standing.sources, like) for state in states.values()]
    return Masks(list(states), [each.items for each in found], [each.sources for each in found])


async def _known_study(snapshot: Snapshot, study: str) -> bool:
    return study.isprintable() and await known_activity(snapshot.connection, study)


async def _case(snapshot: Snapshot, recipient: Recipient, found: Declared) -> Case:
    reference = found.reference if found.reference and found.reference.isprintable() else ""
    case = await open_case(snapshot.connection, reference, recipient.client_id, snapshot.instant)
    if case is None or case.disclosure is not found.lens.disclosure:
        raise Refused(Refusal.REFERENCE_NOT_OPEN, "no approved, open case of yours has this reference and purpose")
    return case


def _permits_something(standing: Standing, found: Declared, override: Override | None) -> bool:
    items = standing.rules.current.items if standing.rules.current else ()
    asked = (AccessRequest(found.lens, item.id, override=override) for item in items)
    return any(static_refusal(standing.rules, each) is None for each in asked)


def _own_sources(sources: tuple[SourceBit, ...], own: str | None) -> int:
    """Every source but the linked services of others: a data linkage partner reads its own service's data only."""
    return sum(1 << each.bit for each in sources if each.kind is not SourceKind.LINKED_APP or each.name == own)


def request_declares(request: GraphRequest, operation: OperationDefinitionNode) -> bool:
    """Whether anything at all is declared, so that it must be judged even where nothing personal is asked."""
    headers = request.headers
    return bool(headers.purpose or headers.disclosure or headers.recipient or declared_in(operation))
