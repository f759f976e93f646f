"""Transfers of databases (backups, restores, copies), their logs, and daily schedules."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference

backup_schedules = sa.Table(
    "backup_schedules",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    # No foreign key: a database that is destroyed is noticed, not silently forgotten.
    sa.Column("addon_id", UUID(as_uuid=True), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hour", sa.Integer, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    moment("next_at"),
    moment("succeeded_at", nullable=True),
    sa.Column("problem", sa.Text),
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("addon_id", name="uq_backup_schedules_addon_id"),
    sa.Index("ix_backup_schedules_next_at", "next_at"),
)

transfers = sa.Table(
    "transfers",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("num", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    # No foreign keys: a backup outlives its database, and a record its backup.
    sa.Column("addon_id", UUID(as_uuid=True), nullable=False),
    sa.Column("source_id", UUID(as_uuid=True)),
    sa.Column("backup_id", UUID(as_uuid=True)),
    sa.Column("schedule_id", UUID(as_uuid=True)),
    sa.Column("from_name", sa.Text, nullable=False),
    sa.Column("to_name", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, nullable=False, server_default=""),
    # URLs given by the caller hold passwords.
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("processed_bytes", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("source_bytes", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("checksum", sa.Text),
    sa.Column("counts", JSONB(none_as_null=True)),
    sa.Column("problem", sa.Text),
    moment("created_at"),
    moment("updated_at"),
    moment("started_at", nullable=True),
    moment("finished_at", nullable=True),
    moment("expires_at", nullable=True),
    moment("deleted_at", nullable=True),
    sa.UniqueConstraint("app_id", "num", name="uq_transfers_app_id"),
    sa.Index("ix_transfers_addon", "addon_id"),
)

transfer_lines = sa.Table(
    "transfer_lines",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    reference("transfer_id", "transfers.id"),
    sa.Column("message", sa.Text, nullable=False),
    moment("created_at"),
    sa.Index("ix_transfer_lines_transfer", "transfer_id", "id"),
)

# At most one transfer at a time writes to or reads a database; two would only slow each other.
sa.Index(
    "uq_transfers_active",
    transfers.c.addon_id,
    unique=True,
    postgresql_where=transfers.c.finished_at.is_(None),
)
