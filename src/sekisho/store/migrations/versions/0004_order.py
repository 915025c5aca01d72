"""People in the order of a governed value, profile by profile: `sql/0004`."""

from pathlib import Path

from alembic import op

from sekisho.store.migrations.scripts import run_all

revision = "0004"
down_revision = "0003"

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Run the scripts as they stand: later changes of the tables in code do not reach them."""
    run_all(op.get_bind(), sorted(SCRIPTS.glob("*.sql")))
