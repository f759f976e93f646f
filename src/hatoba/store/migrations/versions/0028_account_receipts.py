"""Receipts of changes that are no app's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("receipts", "app_name", new_column_name="about")
    op.create_index(
        "ix_receipts_account",
        "receipts",
        ["account_id", "created_at"],
        postgresql_where=sa.text("app_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_receipts_account", "receipts")
    op.alter_column("receipts", "about", new_column_name="app_name")
