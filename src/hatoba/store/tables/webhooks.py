"""Webhooks, the changes that were noted for them, events and deliveries.

The rows of ``webhook_changes`` are written by triggers (migration ``webhooks``): in the
transaction of the change, whoever makes it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference

webhooks = sa.Table(
    "webhooks",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    # Of the provider of this add-on, None of the app's own people.
    reference("addon_id", "addons.id", nullable=True),
    sa.Column("include", ARRAY(sa.Text), nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    # URL, secret and Authorization header.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("ix_webhooks_app", "app_id"),
)

webhook_changes = sa.Table(
    "webhook_changes",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(), primary_key=True),
    # The app may be gone already.
    sa.Column("app_id", UUID(as_uuid=True), nullable=False),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("previous", JSONB, nullable=False),
    sa.Column("actor_id", UUID(as_uuid=True)),
    moment("at"),
)

webhook_events = sa.Table(
    "webhook_events",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("include", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    moment("created_at"),
    sa.Index("ix_webhook_events_app", "app_id", "created_at"),
)

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    identity(),
    sa.Column("seq", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
    reference("app_id", "apps.id"),
    reference("webhook_id", "webhooks.id"),
    reference("event_id", "webhook_events.id"),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("num_attempts", sa.Integer, nullable=False, server_default="0"),
    moment("next_attempt_at", nullable=True),
    sa.Column("last_attempt", JSONB),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("ix_webhook_deliveries_app", "app_id", "seq"),
    sa.Index(
        "ix_webhook_deliveries_due",
        "next_attempt_at",
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    ),
)
