"""config:set, config:unset: changing config vars."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.errors import UsageError
from hatoba.operations.config import SetConfig, UnsetConfig
from hatoba.operations.consent import Consent


@command(
    "config:set",
    "heroku config:set LOG_LEVEL=info TZ=UTC -a harbour",
    "heroku config:set --file secrets.env -a harbour",
    "pass show stripe | heroku config:set STRIPE_KEY=- -a harbour",
)
@click.argument("pairs", nargs=-1, metavar="NAME=VALUE...")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Read NAME=VALUE lines from a file, - for standard input, to keep them off the screen.",
)
@consent
def set_(
    session: Session,
    app: str,
    pairs: tuple[str, ...],
    file: Path | None,
    given: Consent,
) -> int:
    """Set config vars. A value of - is read from standard input."""
    values = pairs_of(pairs, file)
    if not values:
        raise UsageError("Say what to set: heroku config:set NAME=VALUE [NAME=VALUE ...]")
    operation = SetConfig(session.api, app, values)
    return carry_out(session, operation, given).exit_code


@command("config:unset", "heroku config:unset LOG_LEVEL -a harbour")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@consent
def unset(session: Session, app: str, names: tuple[str, ...], given: Consent) -> int:
    """Unset config vars."""
    operation = UnsetConfig(session.api, app, names)
    return carry_out(session, operation, given).exit_code


def pairs_of(pairs: Sequence[str], file: Path | None) -> dict[str, str]:
    """Return what the arguments and a file set; a value of - is read from standard input."""
    values = {**_from_file(file), **dict(_pair(pair) for pair in pairs)}
    return {name: _read(value) for name, value in values.items()}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        # The word itself may be a secret that somebody forgot to name: it is not repeated.
        raise UsageError("Each argument must be NAME=VALUE, such as LOG_LEVEL=info.")
    return name, value


def _read(value: str) -> str:
    return sys.stdin.read().rstrip("\n") if value == "-" else value


def _from_file(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    text = sys.stdin.read() if str(path) == "-" else path.read_text()
    return dict(parse_lines(text.splitlines()))


def parse_lines(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Read ``NAME=VALUE`` lines as of a .env file: comments, ``export`` and quotes allowed.

    Raises UsageError with the line's number, not its text, which may be a secret.
    """
    for number, raw in enumerate(lines, start=1):
        line = raw.strip().removeprefix("export ")
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"Line {number} of the file is not NAME=VALUE.")
        yield name.strip(), _unquote(value.strip(), number)


def _unquote(value: str, number: int) -> str:
    if value[:1] not in ("'", '"'):
        return value
    import shlex

    try:
        words = shlex.split(value)
    except ValueError:
        raise UsageError(f"Line {number} of the file has a quote without an end.") from None
    return words[0] if words else ""
