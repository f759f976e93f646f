"""Ports of databases' connection poolers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("databases", sa.Column("pool_port", sa.Integer, unique=True))


def downgrade() -> None:
    op.drop_column("databases", "pool_port")
