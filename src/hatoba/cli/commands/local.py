"""local, local:run, local:version: an app's processes on this machine, without a platform."""

from __future__ import annotations

import os
import subprocess
from importlib import metadata
from pathlib import Path

import click

from hatoba.cli.command import Body, command
from hatoba.cli.session import Session
from hatoba.errors import UsageError

_ENV_FILE = ".env"


def _options(body: Body) -> Body:
    for option in (
        click.option("-e", "--env", help="Files with config vars, with commas. Default .env."),
        click.option("-p", "--port", type=click.IntRange(1, 65535), help="First port."),
    ):
        body = option(body)
    return body


@command(
    "local",
    "heroku local",
    "heroku local web=2,worker",
    "heroku local web -f Procfile.dev -e .env.test -p 7000",
    app=False,
)
@click.argument("wishes", nargs=-1, metavar="[TYPE[=NUMBER]]...")
@click.option("-f", "--procfile", type=click.Path(path_type=Path), help="Default Procfile.")
@click.option("--start-cmd", help="What to run as web where there is no Procfile.")
@_options
def start(
    session: Session,
    wishes: tuple[str, ...],
    procfile: Path | None,
    start_cmd: str | None,
    env: str | None,
    port: int | None,
) -> int:
    """Run the Procfile's process types here, with .env, until Ctrl-C."""
    from hatoba.cli import foreman

    session.out.flush()
    path = procfile or Path("Procfile")
    if start_cmd and procfile is None and not path.exists():
        commands = {"web": start_cmd}
    else:
        commands = foreman.processes(path)
    numbers = foreman.chosen(commands, wishes)
    given = environment(env)
    first = port or int(given.get("PORT", foreman.FIRST_PORT))
    return foreman.run(
        commands, numbers, {**os.environ, **given}, first, color=session.settings.color
    )


@command(
    "local:run",
    "heroku local:run python manage.py migrate",
    "heroku local:run -e .env.test -- pytest -x",
    app=False,
    words=True,
)
@click.argument("words", nargs=-1, metavar="COMMAND...")
@_options
def run(session: Session, words: tuple[str, ...], env: str | None, port: int | None) -> int:
    """Run one command here with .env, and give its exit code."""
    from hatoba.cli.commands.run import command_line

    if not words:
        raise UsageError("Say what to run: heroku local:run COMMAND")
    session.out.flush()
    given = environment(env)
    if port is not None:
        given["PORT"] = str(port)
    line = command_line(words)
    code = subprocess.run(["sh", "-c", line], env={**os.environ, **given}, check=False).returncode
    return code if code >= 0 else 128 - code


@command("local:version", "heroku local:version", app=False)
def version(session: Session) -> None:
    """Show which program runs the processes, and its version."""
    found = metadata.version("honcho")
    if session.json:
        session.out.json({"honcho": found})
    else:
        session.out.data(f"honcho/{found}")


def environment(files: str | None) -> dict[str, str]:
    """Read files with ``NAME=VALUE`` lines, later ones first in force; .env need not be there."""
    from hatoba.cli.commands.config_change import parse_lines

    found: dict[str, str] = {}
    for name in (files or _ENV_FILE).split(","):
        try:
            text = Path(name).read_text()
        except OSError as error:
            if files is None:
                return {}
            raise UsageError(f"{name} can't be read: {error.strerror}.") from error
        found.update(parse_lines(text.splitlines()))
    return found
