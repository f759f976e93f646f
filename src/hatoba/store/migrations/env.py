"""Alembic's entry point: runs the migrations on the daemon's own database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from hatoba.store.tables import metadata

engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
