"""config, config:get: looking at config vars without showing them."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import config
from hatoba.kit import files
from hatoba.kit.text import listing as words

_REVEAL = "Show values. They may be secrets: mind who sees your screen and logs."


@command("config", "heroku config -a harbour", "heroku config --output .env -a harbour")
@click.option("-s", "--shell", is_flag=True, help="Print in shell format; masked: as comments.")
@click.option("--reveal", is_flag=True, help=_REVEAL)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write names and values to this file (mode 600) instead of showing them.",
)
def listing(session: Session, app: str, shell: bool, reveal: bool, output: Path | None) -> None:
    """List the config vars; values as fingerprints unless revealed."""
    if output is not None:
        _write(session, app, output)
        return
    shown = _shown(session, app, reveal=reveal)
    if session.json:
        session.out.json(shown)
    elif shell:
        for name, value in shown.items():
            session.out.data(f"{name}={quote(value)}" if reveal else f"# {name}={value}")
    else:
        session.out.header(f"{app} Config Vars")
        session.out.fields(shown)
    if not reveal and shown:
        session.out.say("Values are masked. One: heroku config:get NAME --reveal", "dim")


def _shown(session: Session, app: str, *, reveal: bool) -> dict[str, str]:
    if reveal:
        return dict(sorted(config.revealed(session.api, app).items()))
    found = config.fingerprints(session.api, app)
    return {name: config.mark(digits) for name, digits in sorted(found.items())}


def _write(session: Session, app: str, path: Path) -> None:
    values = config.revealed(session.api, app)
    lines = [f"{name}={quote(value)}\n" for name, value in sorted(values.items())]
    files.write_atomic(path, "".join(lines))
    session.out.say(f"Wrote {words(sorted(values)) or 'no config vars'} to {path} (mode 600).")
    if session.json:
        session.out.json({"file": str(path), "names": sorted(values)})


@command("config:get", "heroku config:get LOG_LEVEL -a harbour", "heroku config:get KEY --reveal")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("-s", "--shell", is_flag=True, help="Print in shell format; masked: as comments.")
@click.option("--reveal", is_flag=True, help=_REVEAL)
def get(session: Session, app: str, names: tuple[str, ...], shell: bool, reveal: bool) -> int:
    """Show whether config vars are set; their values with --reveal."""
    shown = _shown(session, app, reveal=reveal)
    if session.json:
        entries = [{"key": name, "value": shown.get(name)} for name in names]
        session.out.json(entries[0] if len(entries) == 1 else entries)
    else:
        for name in names:
            session.out.data(line(name, shown.get(name, ""), shell=shell, reveal=reveal))
    missing = [name for name in names if name not in shown]
    if missing:
        session.out.say(f"Not set on {app}: {words(missing)}.")
    return 1 if missing else 0


def line(name: str, value: str, *, shell: bool, reveal: bool) -> str:
    """Write a config var as a shell reads it, or its value alone; a masked one is a comment."""
    if not shell:
        return value
    return f"{name}={quote(value)}" if reveal else f"# {name}={value}"
