"""Slugs that are made elsewhere, until their archives are put here."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from hatoba.store.tables.columns import identity, metadata, moment, reference

# ``checksum`` is what the archive's must be, where one was given.
slug_drafts = sa.Table(
    "slug_drafts",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("process_types", JSONB, nullable=False),
    sa.Column("stack", sa.Text, nullable=False),
    sa.Column("buildpack_description", sa.Text),
    sa.Column("commit", sa.Text),
    sa.Column("commit_description", sa.Text),
    sa.Column("checksum", sa.Text),
    moment("created_at"),
    sa.Index("ix_slug_drafts_app", "app_id"),
)
