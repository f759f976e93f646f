"""Who may do what: keys, clients, teams, transfers."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hatoba.store.tables.columns import identity, metadata, moment, reference

account_keys = sa.Table(
    "account_keys",
    metadata,
    identity(),
    reference("account_id", "accounts.id"),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False, unique=True),
    sa.Column("public_key", sa.Text, nullable=False),
    moment("created_at"),
    moment("updated_at"),
)

oauth_clients = sa.Table(
    "oauth_clients",
    metadata,
    identity(),
    reference("account_id", "accounts.id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    moment("created_at"),
    moment("updated_at"),
)

app_transfers = sa.Table(
    "app_transfers",
    metadata,
    identity(),
    reference("app_id", "apps.id"),
    reference("owner_id", "accounts.id"),
    reference("recipient_id", "accounts.id"),
    sa.Column("state", sa.Text, nullable=False, server_default="pending"),
    moment("created_at"),
    moment("updated_at"),
    # An app can be offered to one account at a time.
    sa.Index(
        "uq_app_transfers_app_pending",
        "app_id",
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    ),
)

# Until when an account may change a guarded app.
pre_authorizations = sa.Table(
    "pre_authorizations",
    metadata,
    sa.Column(
        "account_id",
        UUID(as_uuid=True),
        sa.ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column(
        "app_id",
        UUID(as_uuid=True),
        sa.ForeignKey("apps.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
)

# A team owns apps as an account does: it has the account of the same id.
teams = sa.Table(
    "teams",
    metadata,
    sa.Column(
        "id",
        UUID(as_uuid=True),
        sa.ForeignKey("accounts.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("addons_controls", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("default_role", sa.Text),
    moment("created_at"),
    moment("updated_at"),
)

team_members = sa.Table(
    "team_members",
    metadata,
    identity(),
    reference("team_id", "teams.id"),
    reference("account_id", "accounts.id"),
    sa.Column("role", sa.Text, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("team_id", "account_id"),
)

team_invitations = sa.Table(
    "team_invitations",
    metadata,
    identity(),
    reference("team_id", "teams.id"),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    reference("inviter_id", "accounts.id"),
    moment("created_at"),
    moment("updated_at"),
    sa.UniqueConstraint("team_id", "email"),
)

allowed_services = sa.Table(
    "allowed_services",
    metadata,
    identity(),
    reference("team_id", "teams.id"),
    reference("account_id", "accounts.id"),
    sa.Column("service", sa.Text, nullable=False),
    moment("created_at"),
    sa.UniqueConstraint("team_id", "service"),
)

password_resets = sa.Table(
    "password_resets",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    reference("account_id", "accounts.id"),
    moment("expires_at"),
    moment("created_at"),
)
