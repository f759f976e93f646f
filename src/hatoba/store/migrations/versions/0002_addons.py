"""Add-ons and their attachments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _identity() -> sa.Column[object]:
    return sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _moment(name: str) -> sa.Column[object]:
    now = sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)


def _reference(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    constraint = op.f(f"fk_{table}_{name}")
    return sa.ForeignKeyConstraint([name], [target], name=constraint, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "addons",
        _identity(),
        sa.Column("app_id", sa.UUID(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        _reference("addons", "app_id", "apps.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addons")),
        sa.UniqueConstraint("name", name=op.f("uq_addons_name")),
    )
    op.create_index("ix_addons_app", "addons", ["app_id"])
    op.create_table(
        "addon_attachments",
        _identity(),
        sa.Column("addon_id", sa.UUID(), nullable=False),
        sa.Column("app_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        _reference("addon_attachments", "addon_id", "addons.id"),
        _reference("addon_attachments", "app_id", "apps.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addon_attachments")),
    )
    op.create_index(
        "uq_addon_attachments_name", "addon_attachments", ["app_id", "name"], unique=True
    )
    op.create_index("ix_addon_attachments_addon", "addon_attachments", ["addon_id"])


def downgrade() -> None:
    op.drop_table("addon_attachments")
    op.drop_table("addons")
