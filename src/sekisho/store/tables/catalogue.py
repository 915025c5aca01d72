"""All tables at once: importing this module completes `METADATA`."""

from sekisho.store.tables import consent, log, ordering, people, registry
from sekisho.store.tables.columns import METADATA

CATALOGUE = METADATA
PERSONAL = tuple(
    table for table in METADATA.sorted_tables if table.name in vars(people) and table is not people.subject
)
ROWS = tuple(table for table in PERSONAL if "row_id" in table.columns)
GATE = (
    consent.consent_profile,
    consent.subject_state,
    consent.lens,
    consent.lens_mask,
    ordering.subject_order,
    log.subject_handle,
    people.subject,
    *(table for table in METADATA.sorted_tables if table.name in vars(registry)),
)
