"""Providers of add-ons elsewhere, and what they hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    default = None if nullable else sa.text("now()")
    kind = sa.DateTime(timezone=True)
    return sa.Column(name, kind, nullable=nullable, server_default=default)


def upgrade() -> None:
    op.create_table(
        "addon_providers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("manifest", JSONB, nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
    )
    addon = sa.ForeignKey("addons.id", ondelete="CASCADE")
    provider = sa.ForeignKey("addon_providers.id")
    op.create_table(
        "addon_resources",
        sa.Column("id", UUID(as_uuid=True), addon, primary_key=True),
        sa.Column("provider", sa.Text, provider, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("options", JSONB, nullable=False),
        sa.Column("sealed_config", sa.LargeBinary, nullable=False),
        sa.Column("access_hash", sa.LargeBinary),
        sa.Column("refresh_hash", sa.LargeBinary),
        _moment("granted_at", nullable=True),
        _moment("access_until", nullable=True),
        _moment("created_at"),
    )


def downgrade() -> None:
    op.drop_table("addon_resources")
    op.drop_table("addon_providers")
