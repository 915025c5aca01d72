"""The first tables, the append-only triggers and the grants: `sql/0001`, in the order of the file names."""

from pathlib import Path

from alembic import op

from sekisho.store.migrations.scripts import run_all

revision = "0001"
down_revision = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Run the scripts as they stand: later changes of the tables in code do not reach them."""
    run_all(op.get_bind(), sorted(SCRIPTS.glob("*.sql")))
