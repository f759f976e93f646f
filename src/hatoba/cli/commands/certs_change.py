"""certs:add, certs:update, certs:remove."""

from __future__ import annotations

from pathlib import Path

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.session import Session
from hatoba.errors import UsageError
from hatoba.operations.certificates import PutCertificate, RemoveCertificate, pick
from hatoba.operations.consent import Consent


@command("certs:add", "heroku certs:add server.crt server.key -a harbour")
@click.argument("crt")
@click.argument("key")
@consent
def add(session: Session, app: str, crt: str, key: str, given: Consent) -> int:
    """Serve an app's domains with a certificate: the files of its chain and its key."""
    pair = _read(crt), _read(key)
    return carry_out(session, PutCertificate(session.api, app, pair), given).exit_code


@command("certs:update", "heroku certs:update server.crt server.key -a harbour")
@click.argument("crt")
@click.argument("key")
@click.option("--name", metavar="NAME", help="Name of the certificate to replace.")
@confirm
@consent
def update(session: Session, app: str, crt: str, key: str, name: str | None, given: Consent) -> int:
    """Serve another certificate in place of one."""
    pair = _read(crt), _read(key)
    present = pick(session.api, app, name)
    operation = PutCertificate(session.api, app, pair, replaces=present)
    return carry_out(session, operation, given).exit_code


@command("certs:remove", "heroku certs:remove --name mild-quay-10221 -a harbour")
@click.option("--name", metavar="NAME", help="Name of the certificate.")
@confirm
@consent
def remove(session: Session, app: str, name: str | None, given: Consent) -> int:
    """Serve a certificate no more."""
    endpoint = pick(session.api, app, name)
    return carry_out(session, RemoveCertificate(session.api, app, endpoint), given).exit_code


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not PEM: it is not even text.") from error
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
