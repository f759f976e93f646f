"""Accounts, apps and everything that a deploy makes of them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference

accounts = sa.Table(
    "accounts",
    metadata,
    identity(),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("password", sa.Text),
    sa.Column("admin", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("allow_tracking", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("beta", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("sealed_factor", sa.LargeBinary),
    # The time step of the last code that was taken: none is good twice.
    sa.Column("factor_step", sa.BigInteger),
    sa.Column("recovery_hashes", ARRAY(sa.LargeBinary)),
    sa.Column("preferences", JSONB, nullable=False, server_default="{}"),
    # Releases and receipts name who made them also when they are gone.
    moment("removed_at", nullable=True),
    moment("created_at"),
    moment("updated_at"),
    sa.Index(
        "uq_accounts_email",
        "email",
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    ),
)

authorizations = sa.Table(
    "authorizations",
    metadata,
    identity(),
    reference("account_id", "accounts.id"),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False, server_default="{global}"),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("token_hint", sa.Text, nullable=False),
    moment("expires_at", nullable=True),
    reference("client_id", "oauth_clients.id", nullable=True),
    sa.Column("grant_hash", sa.LargeBinary),
    moment("grant_until", nullable=True),
    sa.Column("refresh_hash", sa.LargeBinary),
    moment("created_at"),
    moment("updated_at"),
    sa.Index("ix_authorizations_grant", "grant_hash"),
    sa.Index("ix_authorizations_refresh", "refresh_hash"),
    sa.Index("ix_authorizations_account", "account_id"),
)

apps = sa.Table(
    "apps",
    metadata,
    identity(),
    sa.Column("number", sa.Integer, sa.Identity(start=1), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    reference("owner_id", "accounts.id"),
    sa.Column("stack", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("maintenance", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("locked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("guarded", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("acm", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    sa.Column("config_id", UUID(as_uuid=True)),
    sa.Column("buildpacks", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("buildpack_description", sa.Text),
    sa.Column("slug_size", sa.BigInteger),
    sa.Column("repo_size", sa.BigInteger),
    moment("created_at"),
    moment("updated_at"),
    moment("released_at", nullable=True),
    moment("destroyed_at", nullable=True),
    # A destroyed app keeps its row while it can be restored; its name is free again.
    sa.Index(
        "uq_apps_name_living", "name", unique=True, postgresql_where=sa.text("destroyed_at IS NULL")
    ),
    sa.Index("ix_apps_owner", "owner_id"),
)

collaborators = sa.Table(
    "collaborators",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    reference("account_id", "accounts.id"),
    sa.Column("role", sa.Text, nullable=False, server_default="collaborator"),
    sa.Column(
        "permissions", ARRAY(sa.Text), nullable=False, server_default="{view,deploy,operate}"
    ),
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("app_id", "account_id"),
    sa.Index("ix_collaborators_account", "account_id"),
)

config_snapshots = sa.Table(
    "config_snapshots",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    # What the router needs of it; everybody is shown these addresses.
    sa.Column("maintenance_page", sa.Text),
    sa.Column("error_page", sa.Text),
    moment("created_at"),
    sa.Index("ix_config_snapshots_app", "app_id"),
)

slugs = sa.Table(
    "slugs",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("checksum", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    # A list of pairs: JSONB objects forget the order of the Procfile.
    sa.Column("process_types", JSONB, nullable=False),
    sa.Column("stack", sa.Text, nullable=False),
    sa.Column("buildpack_description", sa.Text),
    sa.Column("commit", sa.Text),
    sa.Column("commit_description", sa.Text),
    # By process type, of a container app; each with all that it takes to run it.
    sa.Column("images", JSONB, nullable=False, server_default="{}"),
    moment("created_at"),
    sa.Index("ix_slugs_app", "app_id"),
)

builds = sa.Table(
    "builds",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    reference("account_id", "accounts.id"),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_version", sa.Text),
    sa.Column("buildpacks", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("stack", sa.Text, nullable=False),
    sa.Column("message", sa.Text),
    reference("slug_id", "slugs.id", nullable=True),
    sa.Column("release_id", UUID(as_uuid=True)),
    moment("created_at"),
    moment("updated_at"),
    # One build an app at a time, whatever else goes wrong.
    sa.Index(
        "uq_builds_app_pending",
        "app_id",
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    ),
    sa.Index("ix_builds_app", "app_id"),
)

releases = sa.Table(
    "releases",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    reference("account_id", "accounts.id"),
    reference("slug_id", "slugs.id", nullable=True),
    reference("config_id", "config_snapshots.id"),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("current", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("app_id", "version"),
    sa.Index("uq_releases_app_current", "app_id", unique=True, postgresql_where=sa.text("current")),
)

formations = sa.Table(
    "formations",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("size", sa.Text, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("app_id", "type"),
)

dynos = sa.Table(
    "dynos",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    reference("release_id", "releases.id"),
    sa.Column("release_version", sa.Integer, nullable=False),
    sa.Column("size", sa.Text, nullable=False),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    moment("since"),
    moment("created_at"),
    sa.Column("retire", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0"),
    moment("restart_at", nullable=True),
    sa.Column("address", sa.Text),
    sa.Column("exit_status", sa.Integer),
    sa.Index("ix_dynos_app", "app_id"),
    sa.Index("ix_dynos_release", "release_id"),
)

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    reference("account_id", "accounts.id"),
    reference("app_id", "apps.id"),
    sa.Column("app_version", sa.BigInteger, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("review", JSONB, nullable=False),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    reference("account_id", "accounts.id"),
    # Receipts outlive their app: they are the audit trail.
    sa.Column("app_id", UUID(as_uuid=True)),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),
    moment("created_at"),
    sa.Index("ix_receipts_app", "app_id", "created_at"),
    sa.Index(
        "ix_receipts_account",
        "account_id",
        "created_at",
        postgresql_where=sa.text("app_id IS NULL"),
    ),
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
    moment("created_at"),
)
