"""The line of versions that a key-value store runs on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("key_values", sa.Column("version", sa.Text))


def downgrade() -> None:
    op.drop_column("key_values", "version")
