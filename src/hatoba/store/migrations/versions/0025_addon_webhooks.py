"""Webhooks of add-ons' providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    addon = sa.ForeignKey("addons.id", ondelete="CASCADE")
    op.add_column("webhooks", sa.Column("addon_id", UUID(as_uuid=True), addon))


def downgrade() -> None:
    op.drop_column("webhooks", "addon_id")
