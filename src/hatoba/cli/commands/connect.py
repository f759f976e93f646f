"""connect: the official heroku command, git and scripts on a platform of another machine."""

from __future__ import annotations

import os
import ssl
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from hatoba.cli import exports, foreground
from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.cli.tunnel import Ends, Tunnel
from hatoba.client import apps, target
from hatoba.client.api import Api
from hatoba.client.errors import ClientError, NotLoggedIn
from hatoba.client.origin import Origin
from hatoba.client.target import Target
from hatoba.client.transport import tls_context
from hatoba.errors import UsageError
from hatoba.kit import authority

# Ports below the ones that systems hand out by themselves.
_FIRST_PORT, _PORTS = 20_000, 10_000
_EXAMPLES = (
    "hatoba connect https://paas.example.com",
    "hatoba connect https://paas.example.com -- heroku ps -a example-app",
)


@command("connect", *_EXAMPLES, app=False, words=True)
@click.option("--port", type=click.IntRange(1, 65535), help="Local port. Default: by the name.")
@click.argument("url")
@click.argument("words", nargs=-1, metavar="[-- COMMAND...]")
def connect(session: Session, port: int | None, url: str, words: tuple[str, ...]) -> int:
    """Run a command, or else a shell, whose heroku and git act on a platform elsewhere."""
    there = _platform(session, url)
    chosen = port or _FIRST_PORT + zlib.crc32(there.origin.host.encode()) % _PORTS
    if not words and not session.interactive:
        raise UsageError(
            "There is no terminal for a shell. Give the command to run: "
            f"hatoba connect {url} -- COMMAND"
        )
    email = apps.account(Api(there)).email
    tunnel, ca = _tunnel(session, there, chosen)
    tunnel.open()
    try:
        session.out.say(f"Connected to {there.api_url} as {email} by localhost:{chosen}.")
        if not words:
            session.out.say("heroku and git of this shell act on it. Leave it with exit.")
        session.out.flush()
        return _run(
            list(words) or [session.settings.shell], _environment(session, there, chosen, ca)
        )
    finally:
        tunnel.close()


def _platform(session: Session, url: str) -> Target:
    """Return the platform. Raises ClientError for plain HTTP, NotLoggedIn without a token."""
    if url.startswith("http://"):
        raise ClientError(
            f"Tokens go over TLS only: use https://{url.removeprefix('http://')} instead of {url}."
        )
    whole = url if "://" in url else f"https://{url}"
    there = target.find(replace(session.settings, host=whole))
    if there.token is None:
        raise NotLoggedIn(
            f"Not logged in at {there.api_url}: run HEROKU_HOST={there.api_url} heroku login"
        )
    return there


def _tunnel(session: Session, there: Target, port: int) -> tuple[Tunnel, Path]:
    """Return the tunnel, and the authority that vouches for this side of it."""
    files = authority.ensure(session.settings.config_dir / "connect", datetime.now(UTC))
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(files.certificate, files.key)
    domain = there.origin.host.removeprefix("api.")
    terminals = Origin("https", f"rendezvous.{domain}", there.origin.port)
    ends = Ends(there.origin, terminals, tls_context(there.ca), served)
    return Tunnel(ends, port), files.ca


def _environment(session: Session, there: Target, port: int, ca: Path) -> dict[str, str]:
    near = Target(Origin("http", "localhost", port), there.token, ca)
    return {**os.environ, **exports.variables(session.settings, near), "HATOBA_CA": str(ca)}


def _run(argv: list[str], environment: dict[str, str]) -> int:
    """Run it with the terminal. Returns its exit code."""
    try:
        return foreground.run(argv, environment)
    except OSError as error:
        raise ClientError(f"{argv[0]} can't be run: {error.strerror}.") from error
