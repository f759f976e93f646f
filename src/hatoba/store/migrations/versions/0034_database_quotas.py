"""Quotas of databases, and how far each is on its way to its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("databases", sa.Column("quota", JSONB, nullable=False, server_default="{}"))
    op.add_column(
        "databases", sa.Column("size_level", sa.Text, nullable=False, server_default="within")
    )


def downgrade() -> None:
    op.drop_column("databases", "size_level")
    op.drop_column("databases", "quota")
