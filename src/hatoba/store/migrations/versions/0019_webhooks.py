"""Webhooks, and triggers that note each change of an app that has one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Table -> resource, columns that are never noted, columns whose change alone is no event.
_WATCHED = {
    "addon_attachments": ("addon-attachment", "", "updated_at"),
    "addons": ("addon", "message,asked_by", "updated_at,attempts,due,problem"),
    "apps": ("app", "buildpacks", "updated_at,version,config_id,repo_size"),
    "builds": ("build", "source", "updated_at"),
    "collaborators": ("collaborator", "", "updated_at"),
    "domains": ("domain", "acm_path,acm_answer", "updated_at,acm_due,acm_attempts"),
    "dynos": ("dyno", "", "since,address,crashes,restart_at,retire"),
    "formations": ("formation", "", "updated_at"),
    # The one before is no more current: that is told by the new one.
    "releases": ("release", "", "updated_at,current"),
    "sni_endpoints": ("sni-endpoint", "sealed_key", "updated_at"),
}

_FUNCTION = """
CREATE FUNCTION note_webhook_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    resource text := TG_ARGV[0];
    hidden text[] := string_to_array(TG_ARGV[1], ',');
    ignored text[] := string_to_array(TG_ARGV[2], ',');
    subject uuid;
    now_is jsonb;
    was jsonb := '{}';
    verb text := 'update';
BEGIN
    IF TG_OP = 'DELETE' THEN
        now_is := to_jsonb(OLD);
        verb := 'destroy';
    ELSE
        now_is := to_jsonb(NEW);
        IF TG_OP = 'INSERT' THEN
            verb := 'create';
        END IF;
    END IF;
    subject := (now_is ->> CASE resource WHEN 'app' THEN 'id' ELSE 'app_id' END)::uuid;
    IF NOT EXISTS (SELECT 1 FROM webhooks WHERE app_id = subject) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        was := to_jsonb(OLD);
        IF was - ignored = now_is - ignored THEN
            RETURN NULL;
        END IF;
        IF resource = 'app' AND was -> 'destroyed_at' <> now_is -> 'destroyed_at' THEN
            verb := CASE was ->> 'destroyed_at' IS NULL WHEN true THEN 'destroy' ELSE 'create' END;
        END IF;
    END IF;
    INSERT INTO webhook_changes (app_id, resource, action, data, previous, actor_id)
    VALUES (
        subject, resource, verb, now_is - hidden, was - hidden,
        nullif(current_setting('hatoba.actor', true), '')::uuid
    );
    RETURN NULL;
END
$$
"""


def _id() -> sa.Column[object]:
    return sa.Column(
        "id",
        postgresql.UUID(as_uuid=True),
        primary_key=True,
        server_default=sa.text("gen_random_uuid()"),
    )


def _of(table: str, name: str, target: str) -> sa.Column[object]:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE", name=f"fk_{table}_{name}")
    return sa.Column(name, postgresql.UUID(as_uuid=True), key, nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    default = None if nullable else sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    op.create_table(
        "webhooks",
        _id(),
        _of("webhooks", "app_id", "apps"),
        sa.Column("include", postgresql.ARRAY(sa.Text), nullable=False),
        _text("level"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        _at("created_at"),
        _at("updated_at"),
    )
    op.create_index("ix_webhooks_app", "webhooks", ["app_id"])
    _changes()
    op.create_table(
        "webhook_events",
        _id(),
        _of("webhook_events", "app_id", "apps"),
        _text("include"),
        sa.Column("payload", postgresql.JSONB, nullable=False),
        _at("created_at"),
    )
    op.create_index("ix_webhook_events_app", "webhook_events", ["app_id", "created_at"])
    _deliveries()
    op.execute(_FUNCTION)
    for table, (resource, hidden, ignored) in _WATCHED.items():
        op.execute(
            f"CREATE TRIGGER note_webhook_change AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION "
            f"note_webhook_change('{resource}', '{hidden}', '{ignored}')"
        )


def _changes() -> None:
    op.create_table(
        "webhook_changes",
        sa.Column("seq", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("app_id", postgresql.UUID(as_uuid=True), nullable=False),
        _text("resource"),
        _text("action"),
        sa.Column("data", postgresql.JSONB, nullable=False),
        sa.Column("previous", postgresql.JSONB, nullable=False),
        sa.Column("actor_id", postgresql.UUID(as_uuid=True)),
        _at("at"),
    )


def _deliveries() -> None:
    table = "webhook_deliveries"
    op.create_table(
        table,
        _id(),
        sa.Column("seq", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
        _of(table, "app_id", "apps"),
        _of(table, "webhook_id", "webhooks"),
        _of(table, "event_id", "webhook_events"),
        _text("status"),
        sa.Column("num_attempts", sa.Integer, nullable=False, server_default="0"),
        _at("next_attempt_at", nullable=True),
        sa.Column("last_attempt", postgresql.JSONB),
        _at("created_at"),
        _at("updated_at"),
    )
    op.create_index("ix_webhook_deliveries_app", table, ["app_id", "seq"])
    op.create_index(
        "ix_webhook_deliveries_due",
        table,
        ["next_attempt_at"],
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )


def downgrade() -> None:
    for table in _WATCHED:
        op.execute(f"DROP TRIGGER note_webhook_change ON {table}")
    op.execute("DROP FUNCTION note_webhook_change")
    for table in ("webhook_deliveries", "webhook_events", "webhook_changes", "webhooks"):
        op.drop_table(table)
