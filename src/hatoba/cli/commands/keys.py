"""keys, keys:add, keys:clear, keys:remove."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import account
from hatoba.errors import UsageError
from hatoba.operations import keys
from hatoba.operations.consent import Consent

_USUAL = ("id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub")


@command("keys", "heroku keys", app=False)
@click.option("-l", "--long", "whole", is_flag=True, help="Show the keys as a whole.")
def listing(session: Session, whole: bool) -> None:
    """List your public SSH keys."""
    found = account.keys(session.api)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
    elif not found:
        session.out.say("You have no SSH keys. Add one: heroku keys:add")
    elif whole:
        for one in found:
            session.out.data(one.public_key)
    else:
        session.out.table([(keys.known(one), one.fingerprint) for one in found], ("Key", "MD5"))


@command("keys:add", "heroku keys:add", "heroku keys:add ~/.ssh/id_ed25519.pub", app=False)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@consent
def add(session: Session, file: Path | None, given: Consent) -> int:
    """Add a public SSH key, by default the one in ~/.ssh."""
    line = _read(file or _default(session))
    return carry_out(session, keys.add(session.api, line), given).exit_code


def _default(session: Session) -> Path:
    folder = session.settings.home / ".ssh"
    for name in _USUAL:
        if (folder / name).is_file():
            return folder / name
    raise UsageError(f"There is no key in {folder}. Make one: ssh-keygen -t ed25519")


def _read(path: Path) -> str:
    try:
        text = path.read_text().strip()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no public key: it is not text.") from error
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    if "PRIVATE KEY" in text:
        raise UsageError(f"{path} is a private key: keep it to yourself, and add {path.name}.pub")
    if len(text.splitlines()) != 1:
        raise UsageError(f"{path} is no public key: it must be one line.")
    return text


@command("keys:remove", "heroku keys:remove ada@buoy", app=False)
@click.argument("key")
@consent
def remove(session: Session, key: str, given: Consent) -> int:
    """Remove a public SSH key, named by its comment or fingerprint."""
    there = account.keys(session.api)
    found = [one for one in there if key in (one.comment, one.fingerprint, one.id)]
    if len(found) != 1:
        known = ", ".join(f"{keys.known(one)} ({one.fingerprint})" for one in there) or "none"
        problem = "is the comment of several keys" if found else "is no key of yours"
        raise UsageError(f"{key} {problem}. Your keys: {known}.")
    return carry_out(session, keys.remove(session.api, found[0]), given).exit_code


@command("keys:clear", "heroku keys:clear", app=False)
@consent
def clear(session: Session, given: Consent) -> int:
    """Remove all your public SSH keys."""
    codes = [
        carry_out(session, keys.remove(session.api, one, command="keys:clear"), given).exit_code
        for one in account.keys(session.api)
    ]
    if not codes:
        session.out.say("You have no SSH keys.")
    return max(codes, default=0)
