"""Backups of databases, and their schedules."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _id() -> sa.Column[Any]:
    default = sa.text("gen_random_uuid()")
    return sa.Column("id", postgresql.UUID(as_uuid=True), primary_key=True, server_default=default)


def _uuid(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, postgresql.UUID(as_uuid=True), nullable=nullable)


def _reference(name: str, target: str, constraint: str) -> sa.Column[Any]:
    key = sa.ForeignKey(target, ondelete="CASCADE", name=constraint)
    return sa.Column(name, postgresql.UUID(as_uuid=True), key, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    default = None if nullable else sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def upgrade() -> None:
    op.create_table(
        "backup_schedules",
        _id(),
        _reference("app_id", "apps.id", "fk_backup_schedules_app_id"),
        _uuid("addon_id", nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        _moment("next_at"),
        _moment("succeeded_at", nullable=True),
        sa.Column("problem", sa.Text),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("addon_id", name="uq_backup_schedules_addon_id"),
    )
    op.create_index("ix_backup_schedules_next_at", "backup_schedules", ["next_at"])
    _transfers()
    op.create_table(
        "transfer_lines",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        _reference("transfer_id", "transfers.id", "fk_transfer_lines_transfer_id"),
        sa.Column("message", sa.Text, nullable=False),
        _moment("created_at"),
    )
    op.create_index("ix_transfer_lines_transfer", "transfer_lines", ["transfer_id", "id"])


def _transfers() -> None:
    op.create_table(
        "transfers",
        _id(),
        _reference("app_id", "apps.id", "fk_transfers_app_id"),
        sa.Column("num", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "cause")),
        _uuid("addon_id", nullable=False),
        *(_uuid(name) for name in ("source_id", "backup_id", "schedule_id")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("from_name", "to_name")),
        sa.Column("plan", sa.Text, nullable=False, server_default=""),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("processed_bytes", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("source_bytes", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("checksum", sa.Text),
        sa.Column("counts", postgresql.JSONB),
        sa.Column("problem", sa.Text),
        *(_moment(name) for name in ("created_at", "updated_at")),
        *(
            _moment(name, nullable=True)
            for name in ("started_at", "finished_at", "expires_at", "deleted_at")
        ),
        sa.UniqueConstraint("app_id", "num", name="uq_transfers_app_id"),
    )
    op.create_index("ix_transfers_addon", "transfers", ["addon_id"])
    op.create_index(
        "uq_transfers_active",
        "transfers",
        ["addon_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("transfer_lines", "transfers", "backup_schedules"):
        op.drop_table(table)
