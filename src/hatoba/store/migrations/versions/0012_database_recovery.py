"""Databases made as another one was at a moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("databases", sa.Column("recovered_to", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("databases", "recovered_to")
