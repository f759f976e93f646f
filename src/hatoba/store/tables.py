"""The tables. A change here comes with a migration in ``migrations/versions``."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_now = sa.text("now()")


def _id() -> sa.Column[object]:
    return sa.Column(
        "id", UUID(as_uuid=True), primary_key=True, server_default=sa.text("gen_random_uuid()")
    )


def _ref(name: str, target: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(
        name, UUID(as_uuid=True), sa.ForeignKey(target, ondelete="CASCADE"), nullable=nullable
    )


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    default = None if nullable else _now
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


accounts = sa.Table(
    "accounts",
    metadata,
    _id(),
    sa.Column("email", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text),
    sa.Column("password", sa.Text),
    _moment("created_at"),
    _moment("updated_at"),
)

authorizations = sa.Table(
    "authorizations",
    metadata,
    _id(),
    _ref("account_id", "accounts.id"),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False, server_default="{global}"),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("token_hint", sa.Text, nullable=False),
    _moment("expires_at", nullable=True),
    _moment("created_at"),
    _moment("updated_at"),
)

apps = sa.Table(
    "apps",
    metadata,
    _id(),
    sa.Column("number", sa.Integer, sa.Identity(start=1), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    _ref("owner_id", "accounts.id"),
    sa.Column("stack", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("maintenance", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.Column("config_id", UUID(as_uuid=True)),
    sa.Column("buildpacks", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("buildpack_description", sa.Text),
    sa.Column("slug_size", sa.BigInteger),
    sa.Column("repo_size", sa.BigInteger),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("released_at", nullable=True),
    _moment("destroyed_at", nullable=True),
    # A destroyed app keeps its row while it can be restored; its name is free again.
    sa.Index(
        "uq_apps_name_living", "name", unique=True, postgresql_where=sa.text("destroyed_at IS NULL")
    ),
)

collaborators = sa.Table(
    "collaborators",
    metadata,
    _id(),
    _ref("app_id", "apps.id"),
    _ref("account_id", "accounts.id"),
    sa.Column("role", sa.Text, nullable=False, server_default="collaborator"),
    _moment("created_at"),
    _moment("updated_at"),
    sa.UniqueConstraint("app_id", "account_id"),
)

config_snapshots = sa.Table(
    "config_snapshots",
    metadata,
    _id(),
    _ref("app_id", "apps.id"),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    _moment("created_at"),
)

slugs = sa.Table(
    "slugs",
    metadata,
    _id(),
    _ref("app_id", "apps.id"),
    sa.Column("checksum", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    # A list of pairs: JSONB objects forget the order of the Procfile.
    sa.Column("process_types", JSONB, nullable=False),
    sa.Column("stack", sa.Text, nullable=False),
    sa.Column("buildpack_description", sa.Text),
    sa.Column("commit", sa.Text),
    sa.Column("commit_description", sa.Text),
    _moment("created_at"),
)

builds = sa.Table(
    "builds",
    metadata,
    _id(),
    _ref("app_id", "apps.id"),
    _ref("account_id", "accounts.id"),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_version", sa.Text),
    sa.Column("buildpacks", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("stack", sa.Text, nullable=False),
    sa.Column("message", sa.Text),
    _ref("slug_id", "slugs.id", nullable=True),
    sa.Column("release_id", UUID(as_uuid=True)),
    _moment("created_at"),
    _moment("updated_at"),
    # One build an app at a time, whatever else goes wrong.
    sa.Index(
        "uq_builds_app_pending",
        "app_id",
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    ),
)

releases = sa.Table(
    "releases",
    metadata,
    _id(),
    _ref("app_id", "apps.id"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    _ref("account_id", "accounts.id"),
    _ref("slug_id", "slugs.id", nullable=True),
    _ref("config_id", "config_snapshots.id"),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("current", sa.Boolean, nullable=False, server_default=sa.false()),
    _moment("created_at"),
    _moment("updated_at"),
    sa.UniqueConstraint("app_id", "version"),
    sa.Index("uq_releases_app_current", "app_id", unique=True, postgresql_where=sa.text("current")),
)

formations = sa.Table(
    "formations",
    metadata,
    _id(),
    _ref("app_id", "apps.id"),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("size", sa.Text, nullable=False),
    _moment("created_at"),
    _moment("updated_at"),
    sa.UniqueConstraint("app_id", "type"),
)

dynos = sa.Table(
    "dynos",
    metadata,
    _id(),
    _ref("app_id", "apps.id"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    _ref("release_id", "releases.id"),
    sa.Column("release_version", sa.Integer, nullable=False),
    sa.Column("size", sa.Text, nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    _moment("since"),
    _moment("created_at"),
    sa.Column("retire", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0"),
    _moment("restart_at", nullable=True),
    sa.Column("address", sa.Text),
    sa.Column("exit_status", sa.Integer),
    sa.Index("ix_dynos_app", "app_id"),
)

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _ref("account_id", "accounts.id"),
    _ref("app_id", "apps.id"),
    sa.Column("app_version", sa.BigInteger, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("review", JSONB, nullable=False),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("used_at", nullable=True),
)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _ref("account_id", "accounts.id"),
    # Receipts outlive their app: they are the audit trail.
    sa.Column("app_id", UUID(as_uuid=True)),
    sa.Column("app_name", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),
    _moment("created_at"),
    sa.Index("ix_receipts_app", "app_id", "created_at"),
)

# Replies to POST requests, so that one that is sent again after a dropped connection is not
# carried out twice.
replies = sa.Table(
    "replies",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("status", sa.Integer),
    sa.Column("headers", JSONB),
    sa.Column("body", sa.LargeBinary),
    _moment("created_at"),
)
