"""Links between customers' databases."""

from __future__ import annotations

import sqlalchemy as sa

from hatoba.store.tables.columns import identity, metadata, moment, reference

database_links = sa.Table(
    "database_links",
    metadata,
    identity(),
    reference("database_id", "databases.id"),
    reference("remote_id", "databases.id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("problem", sa.Text),
    moment("created_at"),
    sa.Index("uq_database_links_name", "database_id", "name", unique=True),
    sa.Index("ix_database_links_remote", "remote_id"),
)
