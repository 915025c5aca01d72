"""Every error the command line expects, in one table: its words, and nothing of Python."""

from sekisho.cli.explanation import FieldRefused
from sekisho.cli.output import warn
from sekisho.cli.recipient_form import RecipientRefused
from sekisho.consent.writing import ConsentRefused
from sekisho.declaration import Refused
from sekisho.disclosure.log import LogUnavailable
from sekisho.gateway.issuer import IssuerRefused
from sekisho.gateway.keysets import KeysRefused
from sekisho.gateway.listening import ListeningRefused
from sekisho.gateway.settings import SettingsRefused
from sekisho.gateway.workers import WorkersFailed
from sekisho.graph.schema import UndeclaredField
from sekisho.policy.document import UnknownItemError
from sekisho.policy.load import PolicyError
from sekisho.sources.consent_import import ConsentImportRefused
from sekisho.sources.csv_lines import FileRefused
from sekisho.sources.csv_mapping import MappingError
from sekisho.sources.csv_result import ImportRefused
from sekisho.spelling import CaseError
from sekisho.store.activities import ActivityRefused
from sekisho.store.cases import CaseRefused
from sekisho.store.connecting import DatabaseFault, fault
from sekisho.store.database import DatabaseUnfit
from sekisho.store.keys import KeyChanged
from sekisho.store.ledger import HandleMissing
from sekisho.store.passage import PassageRefused
from sekisho.store.programs import EmbeddedUnavailable
from sekisho.store.sources import SourceRefused
from sekisho.store.versions import VersionRefused

REFUSED = 2
"""Exit code of a usage error and of every refusal."""
FAILED = 1
"""Exit code of a check that found something."""

SPOKEN: tuple[type[Exception], ...] = (
    ActivityRefused,
    CaseError,
    CaseRefused,
    ConsentImportRefused,
    ConsentRefused,
    DatabaseUnfit,
    EmbeddedUnavailable,
    FieldRefused,
    FileRefused,
    HandleMissing,
    ImportRefused,
    IssuerRefused,
    KeyChanged,
    KeysRefused,
    ListeningRefused,
    LogUnavailable,
    MappingError,
    PassageRefused,
    PolicyError,
    RecipientRefused,
    Refused,
    SettingsRefused,
    SourceRefused,
    UndeclaredField,
    UnknownItemError,
    VersionRefused,
    WorkersFailed,
)
"""Refusals whose message is made for whoever typed the command."""

EXPECTED: tuple[type[Exception], ...] = (*SPOKEN, *DatabaseFault, OSError)


def refuse(error: Exception) -> int:
    """Say `error` (one of `EXPECTED`) on standard error. Returns the exit code."""
    for line in _words(error).splitlines():
        warn(f"sekisho: {line}")
    return REFUSED


def _words(error: Exception) -> str:
    if isinstance(error, DatabaseFault):
        return fault(error)
    if isinstance(error, OSError) and error.strerror:
        place = f"`{error.filename}`: " if error.filename else ""
        return f"{place}{error.strerror[:1].lower()}{error.strerror[1:]}"
    return str(error)
