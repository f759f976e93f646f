"""Upgrades of databases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "database_upgrades",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("database_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("major", sa.Integer, nullable=False),
        sa.Column("step", sa.Text, nullable=False, server_default=""),
        sa.Column("problem", sa.Text),
        sa.Column("kept_server_id", sa.UUID()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_upgrades")),
        sa.ForeignKeyConstraint(
            ["database_id"],
            ["databases.id"],
            name=op.f("fk_database_upgrades_database_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_database_upgrades_database", "database_upgrades", ["database_id", "created_at"]
    )


def downgrade() -> None:
    op.drop_table("database_upgrades")
