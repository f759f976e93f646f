"""Providers of add-ons elsewhere, and what they hold."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hatoba.store.tables.columns import metadata, moment

addon_providers = sa.Table(
    "addon_providers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # The manifest without its secrets, which are sealed.
    sa.Column("manifest", JSONB, nullable=False),
    sa.Column("sealed_secrets", sa.LargeBinary, nullable=False),
    moment("created_at"),
    moment("updated_at"),
)

addon_resources = sa.Table(
    "addon_resources",
    metadata,
    sa.Column(
        "id", UUID(as_uuid=True), sa.ForeignKey("addons.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("provider", sa.Text, sa.ForeignKey("addon_providers.id"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("options", JSONB, nullable=False),
    sa.Column("sealed_config", sa.LargeBinary, nullable=False),
    # Of tokens only hashes are kept.
    sa.Column("access_hash", sa.LargeBinary),
    sa.Column("refresh_hash", sa.LargeBinary),
    moment("granted_at", nullable=True),
    moment("access_until", nullable=True),
    moment("created_at"),
)
