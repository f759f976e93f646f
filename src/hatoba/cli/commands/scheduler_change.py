"""scheduler:add, scheduler:update, scheduler:remove, scheduler:run."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import Body, command, consent
from hatoba.cli.session import Session
from hatoba.operations.consent import Consent
from hatoba.operations.scheduler import AddJob, RemoveJob, RunJob, UpdateJob


def _when(body: Body) -> Body:
    """Add the options that say when and how big."""
    for option in (
        click.option("-s", "--size", metavar="SIZE", help="Dyno size, such as standard-1x."),
        click.option("--at", metavar="TIME", help=":30 of the hour, or 02:30 of the day, in UTC."),
        click.option("--every", metavar="PERIOD", help="10m, hour or day."),
    ):
        body = option(body)
    return body


@command(
    "scheduler:add",
    "heroku scheduler:add 'rake reports:send' --every day --at 02:30 -a harbour",
    "heroku scheduler:add 'python sweep.py' --every 10m -a harbour",
)
@click.argument("line", metavar="COMMAND")
@_when
@consent
def add(session: Session, app: str, line: str, *, given: Consent, **options: str | None) -> int:
    """Run a command every 10 minutes, hour or day, in a one-off dyno."""
    wanted = {"command": line, **{name: options[name] for name in ("every", "at", "size")}}
    return carry_out(session, AddJob(session.api, app, wanted), given).exit_code


@command("scheduler:update", "heroku scheduler:update 1 --every hour --at :15 -a harbour")
@click.argument("job")
@click.option("--command", "line", metavar="COMMAND", help="What to run.")
@_when
@consent
def update(session: Session, app: str, job: str, *, given: Consent, **options: str | None) -> int:
    """Change a job's command, time or size."""
    wanted = {"command": options["line"], **{n: options[n] for n in ("every", "at", "size")}}
    return carry_out(session, UpdateJob(session.api, app, job, wanted), given).exit_code


@command("scheduler:remove", "heroku scheduler:remove 1 -a harbour")
@click.argument("job")
@consent
def remove(session: Session, app: str, job: str, given: Consent) -> int:
    """Remove a job; what runs of it goes on."""
    return carry_out(session, RemoveJob(session.api, app, job), given).exit_code


@command("scheduler:run", "heroku scheduler:run 1 -a harbour")
@click.argument("job")
@consent
def run(session: Session, app: str, job: str, given: Consent) -> int:
    """Run a job once more, now, and wait for its end."""
    return carry_out(session, RunJob(session.api, app, job), given).exit_code
