"""The redis commands that change something."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.options import attachment_name
from hatoba.cli.session import Session
from hatoba.operations.consent import Consent
from hatoba.operations.key_values import Configure, Promote, ResetStatistics, Upgrade

_database = click.argument("database", required=False)


@command("redis:maxmemory", "heroku redis:maxmemory --policy allkeys-lru -a harbour")
@_database
@click.option("-p", "--policy", metavar="NAME", required=True, help="Which keys go first.")
@consent
def maxmemory(session: Session, app: str, database: str | None, policy: str, given: Consent) -> int:
    """Say what becomes of keys when a store's memory is full."""
    setting = ("maxmemory_policy", policy)
    operation = Configure(session.api, app, database, setting, command="redis:maxmemory")
    return carry_out(session, operation, given).exit_code


@command("redis:timeout", "heroku redis:timeout --seconds 600 -a harbour")
@_database
@click.option("-s", "--seconds", type=int, required=True, help="0 lets sessions idle for ever.")
@consent
def timeout(session: Session, app: str, database: str | None, seconds: int, given: Consent) -> int:
    """Say after how long an idle session is ended."""
    operation = Configure(session.api, app, database, ("timeout", seconds), command="redis:timeout")
    return carry_out(session, operation, given).exit_code


@command(
    "redis:keyspace-notifications",
    "heroku redis:keyspace-notifications --config KEA -a harbour",
)
@_database
@click.option("-c", "--config", metavar="LETTERS", required=True, help="'' turns them off.")
@consent
def keyspace_notifications(
    session: Session, app: str, database: str | None, config: str, given: Consent
) -> int:
    """Say which events of keys are published."""
    setting = ("notify_keyspace_events", config)
    command_name = "redis:keyspace-notifications"
    operation = Configure(session.api, app, database, setting, command=command_name)
    return carry_out(session, operation, given).exit_code


@command("redis:promote", "heroku redis:promote redis-round-41210 -a harbour")
@_database
@attachment_name
@consent
def promote(
    session: Session, app: str, database: str | None, alias: str | None, given: Consent
) -> int:
    """Make a store the one behind REDIS_URL."""
    operation = Promote(session.api, app, database)
    operation.attachment = alias or operation.attachment
    return carry_out(session, operation, given).exit_code


@command("redis:stats-reset", "heroku redis:stats-reset -a harbour")
@_database
@confirm
@consent
def stats_reset(session: Session, app: str, database: str | None, given: Consent) -> int:
    """Have a store count anew."""
    return carry_out(session, ResetStatistics(session.api, app, database), given).exit_code


@command("redis:upgrade", "heroku redis:upgrade --version 9.1 -a harbour")
@_database
@click.option("-v", "--version", metavar="VERSION", required=True, help="Version to upgrade to.")
@confirm
@consent
def upgrade(session: Session, app: str, database: str | None, version: str, given: Consent) -> int:
    """Have a store run a newer version, with what it holds."""
    operation = Upgrade(session.api, app, database, version)
    return carry_out(session, operation, given).exit_code
