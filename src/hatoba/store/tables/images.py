"""The registry: which blobs an app has, its manifests and their tags."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hatoba.store.tables.columns import identity, metadata, moment, reference

# Which apps may read and refer to a blob. The content lies once in the platform's folder.
blob_links = sa.Table(
    "blob_links",
    metadata,
    reference("app_id", "apps.id"),
    sa.Column("digest", sa.Text, nullable=False),
    # When it was last pushed or asked for: a push may be about to refer to it.
    moment("used_at"),
    sa.PrimaryKeyConstraint("app_id", "digest"),
    sa.Index("ix_blob_links_digest", "digest"),
)

images = sa.Table(
    "images",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    # The process type; the repository is app/type.
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    # Digests of all that the manifest refers to, and of itself.
    sa.Column("refers_to", ARRAY(sa.Text), nullable=False),
    # What a release of it runs; an index only says which image is for which processor.
    sa.Column("runs", JSONB),
    sa.Column("image_id", sa.Text),
    moment("created_at"),
    moment("pushed_at"),
    sa.UniqueConstraint("app_id", "type", "digest"),
    sa.Index("ix_images_image", "app_id", "type", "image_id"),
)

image_tags = sa.Table(
    "image_tags",
    metadata,
    reference("app_id", "apps.id"),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("tag", sa.Text, nullable=False),
    reference("image_row", "images.id"),
    moment("updated_at"),
    sa.PrimaryKeyConstraint("app_id", "type", "tag"),
    sa.Index("ix_image_tags_image", "image_row"),
)
