"""Alembic's entry: runs migrations over the connection it was handed, inside that connection's transaction."""

from alembic import context

from sekisho.store.tables.catalogue import CATALOGUE

context.configure(connection=context.config.attributes["connection"], target_metadata=CATALOGUE)
with context.begin_transaction():
    context.run_migrations()
