"""The disclosure log by subject, and how its arrays are stored: `sql/0003`."""

from pathlib import Path

from alembic import op

from sekisho.store.migrations.scripts import run_all

revision = "0003"
down_revision = "0002"

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Run the scripts as they stand: later changes of the tables in code do not reach them."""
    run_all(op.get_bind(), sorted(SCRIPTS.glob("*.sql")))
