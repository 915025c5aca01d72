"""What a service that governs by hand would keep: who granted what, and one log row for each person of each answer.

The grants are the gateway's own decisions, so that every governed peer withholds exactly what the gateway withholds.
"""

from benchmarks.loading import POLICY
from benchmarks.population import REFUSABLE
from benchmarks.workloads import PURPOSE, RECIPIENT_TYPE
from benchmarks.workshop import connect, fetch
from sekisho.store.embedded import Urls
from sekisho.vocabulary import DataCategory

CATEGORIES = tuple(DataCategory)
"""The number of a category in `bench_consent` and in `peers/fields.json` is its place here."""

_CONSENT = """
CREATE TABLE bench_consent (
    subject_id uuid NOT NULL,
    purpose text NOT NULL,
    recipient_type text NOT NULL,
    category smallint NOT NULL,
    granted boolean NOT NULL
)
"""
_DERIVE = """
INSERT INTO bench_consent
SELECT standing.subject_id, split_part(lens.key, '|', 2), split_part(lens.key, '|', 1), asked.category,
    mask.items & asked.bits <> 0
FROM subject_state standing
JOIN lens_mask mask USING (profile_id)
JOIN lens USING (lens_id)
CROSS JOIN unnest($1::smallint[], $2::bigint[]) asked (category, bits)
WHERE standing.valid_from <= now() AND standing.valid_until > now() AND mask.policy_version = $3
"""
_KEY = """
ALTER TABLE bench_consent ADD PRIMARY KEY (subject_id, purpose, recipient_type, category) INCLUDE (granted)
"""
_LOG = """
CREATE TABLE bench_disclosure_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    request_id uuid NOT NULL,
    purpose text NOT NULL,
    recipient_type text NOT NULL,
    subject_id uuid NOT NULL,
    disclosed int NOT NULL,
    withheld int NOT NULL,
    objects int NOT NULL
)
"""


async def write_peer_tables(urls: Urls) -> None:
    """Make both tables in a database whose people are on record."""
    bits = [sum(1 << item.bit for item in POLICY.items if item.category is category) for category in CATEGORIES]
    connection = await connect(urls.owner)
    try:
        await connection.execute(_CONSENT)
        await connection.execute(_DERIVE, list(range(len(CATEGORIES))), bits, POLICY.id)
        await connection.execute(_KEY)
        await connection.execute(_LOG)
    finally:
        await connection.close()


async def withheld(urls: Urls) -> dict[str, float]:
    """The share of people who withhold each of the categories that the workloads ask for."""
    chosen = (
        "SELECT category, avg((NOT granted)::int)::float8 AS share FROM bench_consent"
        " WHERE purpose = $1 AND recipient_type = $2 GROUP BY category ORDER BY category"
    )
    shares = {
        CATEGORIES[row["category"]]: row["share"] for row in await fetch(urls.owner, chosen, PURPOSE, RECIPIENT_TYPE)
    }
    return {category.value: shares[category] for category in REFUSABLE}
