"""Keys, OAuth clients, teams, transfers, second factors, accounts that were removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_UUID = postgresql.UUID(as_uuid=True)
_TABLES = (
    "password_resets",
    "allowed_services",
    "team_invitations",
    "team_members",
    "teams",
    "app_transfers",
    "account_keys",
)
_COLUMNS = (
    "admin",
    "allow_tracking",
    "beta",
    "sealed_factor",
    "factor_step",
    "recovery_hashes",
    "removed_at",
    "preferences",
)


def _identity() -> sa.Column[object]:
    return sa.Column("id", _UUID, primary_key=True, server_default=sa.text("gen_random_uuid()"))


def _reference(table: str, name: str, target: str) -> sa.Column[object]:
    key = sa.ForeignKey(target, ondelete="CASCADE", name=f"fk_{table}_{name}")
    return sa.Column(name, _UUID, key, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")
    )


def _text(name: str, **rest: object) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=False, **rest)  # type: ignore[arg-type]


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def upgrade() -> None:
    _accounts()
    _clients()
    _transfers()
    _teams()
    _allowed_services()


def _accounts() -> None:
    for name in ("admin", "allow_tracking", "beta"):
        op.add_column("accounts", _flag(name))
    op.execute(
        "UPDATE accounts SET admin = true "
        "WHERE id = (SELECT id FROM accounts ORDER BY created_at LIMIT 1)"
    )
    op.add_column("accounts", sa.Column("sealed_factor", sa.LargeBinary))
    op.add_column("accounts", sa.Column("factor_step", sa.BigInteger))
    hashes = postgresql.ARRAY(sa.LargeBinary)
    op.add_column("accounts", sa.Column("recovery_hashes", hashes))
    op.add_column("accounts", sa.Column("removed_at", sa.DateTime(timezone=True)))
    op.drop_constraint("uq_accounts_email", "accounts")
    op.create_index(
        "uq_accounts_email",
        "accounts",
        ["email"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.add_column(
        "accounts",
        sa.Column("preferences", postgresql.JSONB, nullable=False, server_default="{}"),
    )
    op.add_column("apps", _flag("locked"))
    permissions = postgresql.ARRAY(sa.Text)
    op.add_column(
        "collaborators",
        sa.Column(
            "permissions", permissions, nullable=False, server_default="{view,deploy,operate}"
        ),
    )
    op.create_table(
        "account_keys",
        _identity(),
        _reference("account_keys", "account_id", "accounts.id"),
        _text("comment"),
        _text("fingerprint"),
        _text("public_key"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("fingerprint", name="uq_account_keys_fingerprint"),
    )
    op.create_table(
        "password_resets",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        _reference("password_resets", "account_id", "accounts.id"),
        _moment("expires_at"),
        _moment("created_at"),
    )


def _clients() -> None:
    op.create_table(
        "oauth_clients",
        _identity(),
        _reference("oauth_clients", "account_id", "accounts.id"),
        _text("name"),
        _text("redirect_uri"),
        sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
    )
    client = sa.ForeignKey(
        "oauth_clients.id", ondelete="CASCADE", name="fk_authorizations_client_id"
    )
    op.add_column("authorizations", sa.Column("client_id", _UUID, client))
    op.add_column("authorizations", sa.Column("grant_hash", sa.LargeBinary))
    op.add_column("authorizations", sa.Column("grant_until", sa.DateTime(timezone=True)))
    op.add_column("authorizations", sa.Column("refresh_hash", sa.LargeBinary))
    op.create_index("ix_authorizations_grant", "authorizations", ["grant_hash"])
    op.create_index("ix_authorizations_refresh", "authorizations", ["refresh_hash"])


def _transfers() -> None:
    op.create_table(
        "app_transfers",
        _identity(),
        _reference("app_transfers", "app_id", "apps.id"),
        _reference("app_transfers", "owner_id", "accounts.id"),
        _reference("app_transfers", "recipient_id", "accounts.id"),
        _text("state", server_default="pending"),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_index(
        "uq_app_transfers_app_pending",
        "app_transfers",
        ["app_id"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )


def _teams() -> None:
    account = sa.ForeignKey("accounts.id", ondelete="CASCADE", name="fk_teams_id")
    op.create_table(
        "teams",
        sa.Column("id", _UUID, account, primary_key=True),
        _text("name"),
        _flag("addons_controls"),
        sa.Column("default_role", sa.Text),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("name", name="uq_teams_name"),
    )
    op.create_table(
        "team_members",
        _identity(),
        _reference("team_members", "team_id", "teams.id"),
        _reference("team_members", "account_id", "accounts.id"),
        _text("role"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("team_id", "account_id", name="uq_team_members_team_id"),
    )
    op.create_table(
        "team_invitations",
        _identity(),
        _reference("team_invitations", "team_id", "teams.id"),
        _text("email"),
        _text("role"),
        _reference("team_invitations", "inviter_id", "accounts.id"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("team_id", "email", name="uq_team_invitations_team_id"),
    )


def _allowed_services() -> None:
    op.create_table(
        "allowed_services",
        _identity(),
        _reference("allowed_services", "team_id", "teams.id"),
        _reference("allowed_services", "account_id", "accounts.id"),
        _text("service"),
        _moment("created_at"),
        sa.UniqueConstraint("team_id", "service", name="uq_allowed_services_team_id"),
    )


def downgrade() -> None:
    for name in _TABLES:
        op.drop_table(name)
    for name in ("client_id", "grant_hash", "grant_until", "refresh_hash"):
        op.drop_column("authorizations", name)
    op.drop_table("oauth_clients")
    op.drop_column("collaborators", "permissions")
    op.drop_column("apps", "locked")
    op.drop_index("uq_accounts_email")
    op.execute("UPDATE accounts SET email = id || '@removed' WHERE removed_at IS NOT NULL")
    op.create_unique_constraint("uq_accounts_email", "accounts", ["email"])
    for name in _COLUMNS:
        op.drop_column("accounts", name)
