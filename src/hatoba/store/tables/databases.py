"""Heroku Postgres: servers, databases, credentials, and what was reset.

A database has the id of its add-on, but no foreign key to it: the add-on's row may go while
the data is still in the trash.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference

database_servers = sa.Table(
    "database_servers",
    metadata,
    identity(),
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("port", sa.Integer, nullable=False, unique=True),
    sa.Column("major", sa.Integer, nullable=False),
    moment("created_at"),
)

databases = sa.Table(
    "databases",
    metadata,
    sa.Column("id", UUID(as_uuid=True), primary_key=True),
    reference("server_id", "database_servers.id"),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("following", UUID(as_uuid=True)),
    sa.Column("forked_from", UUID(as_uuid=True)),
    moment("recovered_to", nullable=True),
    sa.Column("settings", JSONB, nullable=False, server_default="{}"),
    sa.Column("problem", sa.Text),
    sa.Column("pool_port", sa.Integer, unique=True),
    sa.Column("quota", JSONB, nullable=False, server_default="{}"),
    sa.Column("size_level", sa.Text, nullable=False, server_default="within"),
    moment("over_since", nullable=True),
    moment("unarchived_since", nullable=True),
    moment("destroyed_at", nullable=True),
    moment("created_at"),
    sa.Index("ix_databases_server", "server_id"),
)

database_credentials = sa.Table(
    "database_credentials",
    metadata,
    identity(),
    reference("database_id", "databases.id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("sealed_password", sa.LargeBinary, nullable=False),
    moment("created_at"),
    sa.Index("uq_database_credentials_name", "database_id", "name", unique=True),
)

database_trash = sa.Table(
    "database_trash",
    metadata,
    identity(),
    reference("database_id", "databases.id"),
    sa.Column("name", sa.Text, nullable=False),
    moment("created_at"),
    sa.Index("ix_database_trash_database", "database_id"),
)

database_upgrades = sa.Table(
    "database_upgrades",
    metadata,
    identity(),
    reference("database_id", "databases.id"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("major", sa.Integer, nullable=False),
    sa.Column("step", sa.Text, nullable=False, server_default=""),
    sa.Column("problem", sa.Text),
    sa.Column("kept_server_id", UUID(as_uuid=True)),
    moment("ended_at", nullable=True),
    moment("created_at"),
    sa.Index("ix_database_upgrades_database", "database_id", "created_at"),
)

database_reports = sa.Table(
    "database_reports",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("database", sa.Text, nullable=False),
    sa.Column("checks", JSONB, nullable=False),
    moment("created_at"),
    sa.Index("ix_database_reports_app", "app_id"),
)
