"""Telemetry drains."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from hatoba.store.tables.columns import identity, metadata, moment, reference

telemetry_drains = sa.Table(
    "telemetry_drains",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("signals", ARRAY(sa.Text), nullable=False),
    # Endpoint and headers may hold keys.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("ix_telemetry_drains_app", "app_id"),
)
