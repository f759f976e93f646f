"""Databases whose log can't be put away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("databases", sa.Column("unarchived_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("databases", "unarchived_since")
