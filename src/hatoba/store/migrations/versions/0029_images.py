"""The registry's blobs, images and tags; slugs that run images."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_UUID = postgresql.UUID(as_uuid=True)


def _app(table: str) -> sa.Column[object]:
    key = sa.ForeignKey("apps.id", ondelete="CASCADE", name=f"fk_{table}_app_id")
    return sa.Column("app_id", _UUID, key, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    kind = sa.DateTime(timezone=True)
    return sa.Column(name, kind, nullable=False, server_default=sa.text("now()"))


def upgrade() -> None:
    op.add_column(
        "slugs",
        sa.Column("images", postgresql.JSONB, nullable=False, server_default="{}"),
    )
    op.create_table(
        "blob_links",
        _app("blob_links"),
        sa.Column("digest", sa.Text, nullable=False),
        _moment("used_at"),
        sa.PrimaryKeyConstraint("app_id", "digest", name="pk_blob_links"),
    )
    op.create_index("ix_blob_links_digest", "blob_links", ["digest"])
    op.create_table(
        "images",
        sa.Column("id", _UUID, primary_key=True, server_default=sa.text("gen_random_uuid()")),
        _app("images"),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("refers_to", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("runs", postgresql.JSONB),
        sa.Column("image_id", sa.Text),
        _moment("created_at"),
        _moment("pushed_at"),
        sa.UniqueConstraint("app_id", "type", "digest", name="uq_images_app_id"),
    )
    op.create_index("ix_images_image", "images", ["app_id", "type", "image_id"])
    op.create_table(
        "image_tags",
        _app("image_tags"),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column(
            "image_row",
            _UUID,
            sa.ForeignKey("images.id", ondelete="CASCADE", name="fk_image_tags_image_row"),
            nullable=False,
        ),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("app_id", "type", "tag", name="pk_image_tags"),
    )
    op.create_index("ix_image_tags_image", "image_tags", ["image_row"])


def downgrade() -> None:
    op.drop_table("image_tags")
    op.drop_table("images")
    op.drop_table("blob_links")
    op.drop_column("slugs", "images")
