"""Consent profiles: equal states interned as one immutable row, and the masks of every lens that may look at them.

Masks are written together with the profile, the lens or the policy version that makes them necessary. A mask that is
missing denies; so does a lens nobody registered.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from sekisho.consent.state import SubjectState
from sekisho.decision import Rules, SourceBit, mask
from sekisho.policy.document import Policies
from sekisho.policy.lens import Lens
from sekisho.store.tables.consent import consent_profile, lens
from sekisho.store.tables.registry import data_source
from sekisho.vocabulary import SourceKind

_MASKS_LOCK = 7_365_020  # profiles, lenses and sources change one at a time, so that no mask is forgotten
_BATCH = 5_000


async def intern(connection: AsyncConnection, states: Iterable[SubjectState], policies: Policies) -> dict[str, int]:
    """The profile ids of `states` by canonical text; new ones are created, with their masks."""
    wanted = {state.canonical(): state for state in states}
    known = await _known(connection, wanted)
    if missing := [text_ for text_ in wanted if text_ not in known]:
        await _lock(connection)
        new = insert(consent_profile).values([{"state": text_} for text_ in missing]).on_conflict_do_nothing()
        await connection.execute(new)
        known |= await _known(connection, missing)
        await _write(connection, policies, await registered_lenses(connection), {known[t]: wanted[t] for t in missing})
    return known


async def register_lenses(connection: AsyncConnection, lenses: Iterable[Lens], policies: Policies) -> int:
    """Make `lenses` askable, with masks for every profile there is. Returns how many were new."""
    await _lock(connection)
    known = await registered_lenses(connection)
    new = sorted({each.key for each in lenses} - {each.key for each in known})
    if new:
        await connection.execute(insert(lens).values([{"key": key} for key in new]))
        fresh = {key: each for key, each in (await registered_lenses(connection)).items() if key.key in new}
        await _write(connection, policies, fresh, await all_profiles(connection))
    return len(new)


async def write_masks(connection: AsyncConnection, policies: Policies) -> None:
    """Write every mask anew: after a policy version or a data source was added, or a version revoked."""
    await _lock(connection)
    await _write(connection, policies, await registered_lenses(connection), await all_profiles(connection))


async def registered_lenses(connection: AsyncConnection) -> dict[Lens, int]:
    """Every lens somebody is entitled to, with its id."""
    return {Lens.parse(row.key): row.lens_id for row in await connection.execute(select(lens))}


async def lens_id_of(connection: AsyncConnection, chosen: Lens) -> int | None:
    """The id of a lens; `None` when nobody is entitled to it."""
    found: int | None = await connection.scalar(select(lens.c.lens_id).where(lens.c.key == chosen.key))
    return found


async def all_profiles(connection: AsyncConnection) -> dict[int, SubjectState]:
    """Every profile there is."""
    rows = await connection.execute(select(consent_profile))
    return {row.profile_id: SubjectState.from_canonical(row.state) for row in rows}


async def profiles(connection: AsyncConnection, ids: Iterable[int]) -> dict[int, SubjectState]:
    """The states behind `ids`."""
    chosen = select(consent_profile).where(consent_profile.c.profile_id == func.any(list(ids)))
    return {row.profile_id: SubjectState.from_canonical(row.state) for row in await connection.execute(chosen)}


async def source_bits(connection: AsyncConnection) -> tuple[SourceBit, ...]:
    """Every registered data source with its bit."""
    rows = await connection.execute(select(data_source).order_by(data_source.c.source_id))
    return tuple(SourceBit(row.source_id, SourceKind(row.kind), row.name) for row in rows)


async def _known(connection: AsyncConnection, states: Iterable[str]) -> dict[str, int]:
    chosen = select(consent_profile).where(consent_profile.c.state == func.any(list(states)))
    return {row.state: row.profile_id for row in await connection.execute(chosen)}


async def _lock(connection: AsyncConnection) -> None:
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MASKS_LOCK})


async def _write(
    connection: AsyncConnection, policies: Policies, lenses: dict[Lens, int], states: dict[int, SubjectState]
) -> None:
    sources = await source_bits(connection)
    rows = [
        {
            "policy_version": version.id,
            "lens_id": lens_id,
            "profile_id": profile_id,
            "items": found.items,
            "sources": found.sources,
        }
        for version in policies.versions
        for each, lens_id in lenses.items()
        for profile_id, state in states.items()
        for found in (mask(Rules(policies, version), each, state, sources),)
    ]
    for start in range(0, len(rows), _BATCH):
        await _upsert(connection, rows[start : start + _BATCH])


async def _upsert(connection: AsyncConnection, rows: Sequence[dict[str, object]]) -> None:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    await connection.execute(
        text(
            "INSERT INTO lens_mask (policy_version, lens_id, profile_id, items, sources)"
            " SELECT * FROM unnest(CAST(:policy_version AS text[]), CAST(:lens_id AS int[]),"
            " CAST(:profile_id AS int[]),"
            " CAST(:items AS bigint[]), CAST(:sources AS bigint[]))"
            " ON CONFLICT (policy_version, lens_id, profile_id)"
            " DO UPDATE SET items = EXCLUDED.items, sources = EXCLUDED.sources"
        ),
        columns,
    )
