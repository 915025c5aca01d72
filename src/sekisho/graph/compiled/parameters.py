"""The values of a statement's parameters: what a caller and an operation settle, and what each request adds."""

from collections.abc import Sequence
from typing import Any

from graphql.execution.values import VariableValues

from sekisho.disclosure.record import SCHEMA
from sekisho.graph.compiled.admission import Admitted
from sekisho.graph.compiled.asking import values_of
from sekisho.graph.compiled.prepared import Prepared
from sekisho.graph.compiled.statement import Asked
from sekisho.graph.compiled.tree import Selection
from sekisho.graph.exchange import GraphRequest
from sekisho.graph.recording import NAME_LENGTH, REFERENCE_LENGTH, Minting, bounded
from sekisho.vocabulary import RecipientType


def settled(prepared: Prepared, admitted: Admitted) -> dict[str, Any]:
    """What all requests of this caller for this operation share: the gate's values, the record's, the reach's."""
    here, declared, reach = admitted.circumstances, admitted.declared, admitted.reach
    lens, recipient = here.lens, here.recipient
    values = {
        "generation": admitted.generation,
        "holds_from": admitted.since,
        "holds_until": admitted.until,
        "lens_id": admitted.lens_id,
        "sources": reach.sources,
        "study": reach.study,
        "only": reach.only,
        "log_schema": SCHEMA,
        "log_client_id": recipient.client_id,
        "log_client_version": recipient.version,
        "log_recipient_type": recipient.recipient_type.value,
        "log_purpose": lens.purpose or "",
        "log_disclosure": lens.disclosure or "",
        "log_serves": lens.serves or "",
        "log_study": bounded(declared.study, REFERENCE_LENGTH),
        "log_reference": bounded(declared.reference, REFERENCE_LENGTH),
        "log_ignored_purpose": declared.ignored_purpose or "",
        "log_policy_version": reach.policy_version,
        "log_lens_key": reach.lens_key,
        "log_operation_name": bounded(prepared.name, NAME_LENGTH),
        "log_operation_sha256": prepared.sha256,
        "log_legal_basis": admitted.basis.value,
    }
    if reach.masks is not None:
        masks = reach.masks
        values |= {"mask_profiles": masks.profiles, "mask_items": masks.items, "mask_sources": masks.sources}
    return values


def of_request(
    request: GraphRequest,
    selection: Selection,
    asked: Sequence[Asked],
    admitted: Admitted,
    variables: VariableValues,
    minting: Minting,
) -> dict[str, Any]:
    """What this request adds."""
    caller = request.caller
    values: dict[str, Any] = {
        "log_request_id": bounded(request.request_id, REFERENCE_LENGTH),
        "log_token_id": bounded(caller.token_id, REFERENCE_LENGTH),
        "log_report_mode": request.report.value,
    }
    if admitted.circumstances.lens.recipient_type is RecipientType.SELF:
        values["only"] = [caller.subject_id]
    for place, root in enumerate(selection.governed):
        values[f"row_id_{place}"] = minting.row_id()
        values[f"nonce_{place}"] = minting.nonce()
        values |= values_of(root, place, asked[place], admitted.pseudonyms, variables, caller.subject_id)
    return values
