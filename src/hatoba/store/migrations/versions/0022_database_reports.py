"""Reports on databases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "database_reports",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("app_id", sa.UUID(), nullable=False),
        sa.Column("database", sa.Text, nullable=False),
        sa.Column("checks", JSONB, nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_reports")),
        sa.ForeignKeyConstraint(
            ["app_id"], ["apps.id"], name=op.f("fk_database_reports_app_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_database_reports_app", "database_reports", ["app_id"])


def downgrade() -> None:
    op.drop_table("database_reports")
