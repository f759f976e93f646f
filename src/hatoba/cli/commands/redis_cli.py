"""redis:cli."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import suppress

import click
from redis import Redis
from redis.exceptions import RedisError

from hatoba.cli.command import command, confirm
from hatoba.cli.session import Session
from hatoba.client import key_values
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent

_STREAMS = ("subscribe", "psubscribe", "ssubscribe", "monitor")
_ENDS = ("quit", "exit")


@command("redis:cli", "heroku redis:cli -a harbour", "echo PING | heroku redis:cli -a harbour")
@click.argument("database", required=False)
@confirm
def cli(session: Session, app: str, database: str | None, given: Consent) -> int:
    """Send commands to a store, one a line, and print its answers."""
    if given.confirm not in (None, app):
        raise UsageError(f"{given.confirm} is not {app}. Nothing was sent.")
    addon = key_values.pick(session.api, app, database)
    url = key_values.info(session.api, addon.id).resource_url or ""
    session.out.say(f"Connecting to {addon.name} ({', '.join(addon.config_vars)})")
    failed = False
    # One connection: what MULTI and SELECT say is about the connection that they came by.
    with Redis.from_url(
        url, decode_responses=True, protocol=2, single_connection_client=True
    ) as store:
        # What the server says, not what the library makes of it: PONG, not True.
        store.response_callbacks.clear()
        for line in _lines(session, addon.name):
            failed |= not _answer(session, store, line)
    return int(failed and not session.interactive)


def _lines(session: Session, name: str) -> Iterator[str]:
    """Yield what is typed, or piped, until its end."""
    if not session.interactive:
        yield from (line.strip() for line in sys.stdin if line.strip())
        return
    with suppress(ImportError):
        # Having it imported is what gives the prompt a history and editing.
        import readline  # noqa: F401
    with suppress(EOFError):
        while (line := input(f"{name}> ").strip()).lower() not in _ENDS:
            if line:
                yield line


def _answer(session: Session, store: Redis, line: str) -> bool:
    try:
        words = shlex.split(line)
    except ValueError as error:
        session.out.say(f"(error) {error}")
        return False
    try:
        _print(session, store.execute_command(*words))  # type: ignore[no-untyped-call]
        while words[0].lower() in _STREAMS and store.connection:
            # More comes by itself, until Ctrl-C.
            _print(session, store.connection.read_response(timeout=None))
    except (ConnectionError, TimeoutError) as error:
        raise UsageError(f"The connection is lost: {error}.") from error
    except RedisError as error:
        session.out.say(f"(error) {error}")
        return False
    return True


def _print(session: Session, answer: object) -> None:
    for text in _shown(answer):
        session.out.data(text)


def _shown(answer: object) -> Iterator[str]:
    """Write an answer as redis-cli does."""
    if answer is None:
        yield "(nil)"
    elif isinstance(answer, list):
        yield from (f"{n}) {' '.join(_shown(item))}" for n, item in enumerate(answer, 1))
        if not answer:
            yield "(empty array)"
    else:
        yield str(answer).replace("\r\n", "\n")
