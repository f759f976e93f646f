"""Add-ons and their attachments."""

from __future__ import annotations

import sqlalchemy as sa

from hatoba.store.tables.columns import identity, metadata, moment, reference

addons = sa.Table(
    "addons",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("ix_addons_app", "app_id"),
)

addon_attachments = sa.Table(
    "addon_attachments",
    metadata,
    identity(),
    reference("addon_id", "addons.id"),
    reference("app_id", "apps.id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("namespace", sa.Text),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("uq_addon_attachments_name", "app_id", "name", unique=True),
    sa.Index("ix_addon_attachments_addon", "addon_id"),
)
