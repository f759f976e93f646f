"""Add-ons and their attachments."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, UUID

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
    # What its job is to do, for whom, and when it is to be tried again.
    sa.Column("wanted_plan", sa.Text),
    sa.Column("asked_by", UUID(as_uuid=True), sa.ForeignKey("accounts.id", ondelete="SET NULL")),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    moment("due", nullable=True),
    sa.Column("problem", sa.Text),
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("ix_addons_app", "app_id"),
    sa.Index("ix_addons_due", "due", postgresql_where=sa.text("due IS NOT NULL")),
)

addon_attachments = sa.Table(
    "addon_attachments",
    metadata,
    identity(),
    reference("addon_id", "addons.id"),
    reference("app_id", "apps.id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("namespace", sa.Text),
    sa.Column("config_vars", ARRAY(sa.Text), nullable=False, server_default="{}"),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("uq_addon_attachments_name", "app_id", "name", unique=True),
    sa.Index("ix_addon_attachments_addon", "addon_id"),
)
