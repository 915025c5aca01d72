"""Many people out of few: copies made by the database itself, for tables whose size is all that matters."""

from benchmarks.workshop import execute, fetch
from sekisho.store.embedded import Urls

# Every table about people is multiplied, whatever the schema keeps for reading; not what nothing but the fold reads.
_TABLES = """
    SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'subject_id' AND table_name <> 'consent_event'
    ORDER BY table_name
"""


async def multiply_people(urls: Urls, times: int) -> None:
    """Make everybody exist `times` times. Copies have ids of their own, spread evenly, and no consent events."""
    for (table,) in await fetch(urls.admin, _TABLES):
        await _multiply(urls, table, {"subject_id": _OTHER_ID, "handle": "gen_random_uuid()"}, f"2, {times}")


async def warm(urls: Urls) -> None:
    """Read those tables through their keys once, so that what is measured is size and not a cold start."""
    by_key = "SELECT sum(length(t::text)) FROM (SELECT * FROM {} ORDER BY subject_id) t"
    read = [by_key.format(table) for (table,) in await fetch(urls.admin, _TABLES)]
    await execute(urls.admin, "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off", *read)


async def multiply_log(urls: Urls, rows: int) -> None:
    """Make the rows of the disclosure log many, each with an id and a moment of its own."""
    minted = {"row_id": "gen_random_uuid()", "occurred_at": "original.occurred_at + number * interval '1 millisecond'"}
    await _multiply(urls, "disclosure_log", minted, f"1, {rows} / greatest(1, (SELECT count(*) FROM disclosure_log))")


_OTHER_ID = "md5(original.subject_id::text || number)::uuid"


async def _multiply(urls: Urls, table: str, minted: dict[str, str], numbers: str) -> None:
    """Insert copies of every row, with the columns in `minted` made anew; references are not checked again."""
    names = f"""
        SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position),
            string_agg(CASE column_name {_cases(minted)} ELSE 'original.' || quote_ident(column_name) END, ', '
                ORDER BY ordinal_position)
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'
    """
    # One copy of everybody after the other, so that the rows of one person lie together as they do when written singly.
    rows = f"{table} original, generate_series({numbers}) number ORDER BY number, original.ctid"
    await execute(
        urls.admin,
        f"""DO $$
        DECLARE named text; made text;
        BEGIN
            {names} INTO named, made;
            SET LOCAL session_replication_role = replica;
            EXECUTE format('INSERT INTO {table} (%s) SELECT %s FROM {rows}',
                named, made);
        END $$""",
    )


def _cases(minted: dict[str, str]) -> str:
    return " ".join(f"WHEN '{column}' THEN '{_quoted(made)}'" for column, made in minted.items())


def _quoted(text: str) -> str:
    return text.replace("'", "''")
