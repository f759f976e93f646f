"""Pages of an app's own for maintenance and errors, as its config vars name them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("config_snapshots", sa.Column("maintenance_page", sa.Text))
    op.add_column("config_snapshots", sa.Column("error_page", sa.Text))


def downgrade() -> None:
    op.drop_column("config_snapshots", "error_page")
    op.drop_column("config_snapshots", "maintenance_page")
