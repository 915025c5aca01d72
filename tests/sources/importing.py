"""What the tests of imports share: the invented files, and looks into the database."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text

from databases import Database
from sekisho.policy.document import Policies
from sekisho.policy.load import shipped_policy
from sekisho.sources.consent_import import ConsentImportResult, import_consent
from sekisho.sources.csv_checks import read_mapping
from sekisho.sources.csv_import import import_csv
from sekisho.sources.csv_mapping import MappingForm
from sekisho.sources.csv_result import ImportResult
from sekisho.vocabulary import ServiceContext

CASES = Path(__file__).parent.parent / "cases" / "imports"
POLICIES = Policies((shipped_policy(),))
COUNTED = ("subject", "subject_attribute", "measurement", "linked_app_record", "survey_answer", "consent_event")


def mapping_text(changes: Mapping[str, str] | None = None) -> str:
    """The invented mapping, with some of its words replaced."""
    told = (CASES / "check.yaml").read_text(encoding="utf-8")
    for old, new in (changes or {}).items():
        assert old in told, old
        told = told.replace(old, new)
    return told


def mapping(changes: Mapping[str, str] | None = None) -> MappingForm:
    return read_mapping(mapping_text(changes).encode())


async def import_file(database: Database, path: Path, form: MappingForm, **more: Any) -> ImportResult:
    async with database.operator.begin() as connection:
        return await import_csv(connection, path, form, POLICIES, **more)


async def import_history(
    database: Database, path: Path, register_unknown: ServiceContext | None = None
) -> ConsentImportResult:
    async with database.operator.begin() as connection:
        return await import_consent(connection, path, POLICIES, register_unknown)


async def counts(database: Database) -> dict[str, int]:
    return {table: (await rows(database, f"SELECT count(*) FROM {table}"))[0][0] for table in COUNTED}


async def rows(database: Database, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    async with database.operator.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(query), parameters)]
