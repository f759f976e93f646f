"""Custom domains and the certificates that they are served with."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference

sni_endpoints = sa.Table(
    "sni_endpoints",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("chain", sa.Text, nullable=False),
    sa.Column("sealed_key", sa.LargeBinary, nullable=False),
    # Made by the platform itself through ACME.
    sa.Column("acm", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("ix_sni_endpoints_app", "app_id"),
    sa.UniqueConstraint("name"),
)

domains = sa.Table(
    "domains",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("hostname", sa.Text, nullable=False),
    sa.Column(
        "sni_endpoint_id",
        UUID(as_uuid=True),
        sa.ForeignKey("sni_endpoints.id", ondelete="SET NULL"),
    ),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("ix_domains_app", "app_id"),
    # Of domains whose certificates are managed automatically; the rest is NULL for others.
    sa.Column("acm_status", sa.Text),
    sa.Column("acm_reason", sa.Text),
    moment("acm_due", nullable=True),
    sa.Column("acm_attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("acm_path", sa.Text),
    sa.Column("acm_answer", sa.Text),
    sa.Index("ix_domains_acm_due", "acm_due", postgresql_where=sa.text("acm_due IS NOT NULL")),
    # A host name leads to one app.
    sa.UniqueConstraint("hostname"),
)
