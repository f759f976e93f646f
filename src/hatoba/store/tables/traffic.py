"""How often what happened to an app, by hour; monitors that scale it; whose favorite it is."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference

traffic_counts = sa.Table(
    "traffic_counts",
    metadata,
    # The app may be gone by the time its last requests are counted.
    sa.Column("app_id", UUID(as_uuid=True), nullable=False),
    sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.PrimaryKeyConstraint("app_id", "hour", "source", "name"),
    sa.Index("ix_traffic_counts_hour", "hour"),
)

monitors = sa.Table(
    "monitors",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    # Who switched it on: what it does is done in their name.
    reference("account_id", "accounts.id"),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("min_quantity", sa.Integer, nullable=False),
    sa.Column("max_quantity", sa.Integer, nullable=False),
    # The 95th percentile of response times that is wanted, in ms.
    sa.Column("p95", sa.Integer, nullable=False),
    # The number of web dynos that it has seen last, and when that has changed.
    sa.Column("quantity", sa.Integer),
    moment("scaled_at", nullable=True),
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("app_id"),
)

favorites = sa.Table(
    "favorites",
    metadata,
    identity(),
    reference("account_id", "accounts.id"),
    reference("app_id", "apps.id"),
    moment("created_at"),
    sa.UniqueConstraint("account_id", "app_id"),
    sa.Index("ix_favorites_app", "app_id"),
)
