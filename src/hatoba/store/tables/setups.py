"""App set-ups."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference

app_setups = sa.Table(
    "app_setups",
    metadata,
    identity(),
    reference("account_id", "accounts.id"),
    # No foreign key: why a set-up failed is told when its app is gone.
    sa.Column("app_id", UUID(as_uuid=True), nullable=False),
    sa.Column("app_name", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    # What was asked for, sealed: addresses and config vars may be secrets. Gone at the end.
    sa.Column("request", sa.LargeBinary),
    sa.Column("source", sa.Text),
    sa.Column("source_version", sa.Text),
    sa.Column("failure_message", sa.Text),
    sa.Column("manifest_errors", JSONB, nullable=False, server_default="[]"),
    sa.Column("postdeploy_output", sa.Text),
    sa.Column("postdeploy_status", sa.Integer),
    sa.Column("success_url", sa.Text),
    # What app.json has to be run at other times, by name: command and size.
    sa.Column("scripts", JSONB, nullable=False, server_default="{}"),
    moment("created_at"),
    moment("updated_at"),
)
