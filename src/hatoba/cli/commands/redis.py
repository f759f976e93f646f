"""redis, redis:info, redis:credentials, redis:wait, redis:cli."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.options import wait_interval
from hatoba.cli.session import Session
from hatoba.client import key_values
from hatoba.operations.consent import Consent
from hatoba.operations.key_values import Rotate, answers
from hatoba.operations.pace import Pace
from hatoba.schema.key_values import KeyValue

_database = click.argument("database", required=False)


@command("redis:info", "heroku redis -a harbour", "heroku redis:info REDIS_URL -a harbour")
@_database
def info(session: Session, app: str, database: str | None) -> None:
    """Show an app's key-value stores."""
    if database:
        wanted = [key_values.pick(session.api, app, database)]
    else:
        wanted = key_values.of_app(session.api, app)
    found = [(addon, key_values.info(session.api, addon.id)) for addon in wanted]
    if session.json:
        session.out.json([_shown(one) for _, one in found])
    elif not found:
        session.out.say(
            f"{app} has no key-value store. "
            f"Make one: heroku addons:create {key_values.SERVICE} -a {app}"
        )
    for addon, one in [] if session.json else found:
        session.out.header(f"{addon.name} ({', '.join(addon.config_vars)})")
        session.out.fields({fact.name: ", ".join(fact.values) for fact in one.info})


def _shown(one: KeyValue) -> dict[str, object]:
    """Return it as data, without its password."""
    shown: dict[str, object] = msgspec.to_builtins(one)
    del shown["resource_url"]
    return shown


@command(
    "redis:credentials",
    "heroku redis:credentials -a harbour",
    "heroku redis:credentials --reset -a harbour",
)
@_database
@click.option("--reset", is_flag=True, help="Give it another password.")
@consent
def credentials(
    session: Session, app: str, database: str | None, *, reset: bool, given: Consent
) -> int:
    """Show where a store is, without its password, or give it another password."""
    if reset:
        return carry_out(session, Rotate(session.api, app, database), given).exit_code
    addon = key_values.pick(session.api, app, database)
    url = key_values.info(session.api, addon.id).resource_url or ""
    masked = f"redis://:••••@{url.rpartition('@')[2]}"
    if session.json:
        session.out.json({"url": masked})
    else:
        session.out.data(masked)
        session.out.say(f"Connect: heroku redis:cli {addon.name} -a {app}")
    return 0


@command("redis:wait", "heroku redis:wait -a harbour")
@_database
@wait_interval
def wait(session: Session, app: str, database: str | None, wait_interval: float | None) -> int:
    """Wait until a store answers."""
    addon = key_values.pick(session.api, app, database)
    with session.out.progress(f"Waiting for database {addon.name}"):
        return 0 if answers(session.api, addon, Pace(every=wait_interval)).ok else 1
