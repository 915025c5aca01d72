"""The registry's generation, renewed in the transaction of every change: `sql/0002`."""

from pathlib import Path

from alembic import op

from sekisho.store.migrations.scripts import run_all

revision = "0002"
down_revision = "0001"

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Run the scripts as they stand: later changes of the tables in code do not reach them."""
    run_all(op.get_bind(), sorted(SCRIPTS.glob("*.sql")))
