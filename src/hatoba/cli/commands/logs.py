"""logs: what an app, its dynos and the router say."""

from __future__ import annotations

import re

import click

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import streams
from hatoba.errors import UsageError

# 2026-11-23T10:00:00+00:00 app[web.1]: text
_LINE = re.compile(r"^(\S+ [\w-]+\[([\w-]+)[\w.-]*\]:)(.*)$", re.DOTALL)
_COLORS = ("yellow", "green", "cyan")


@command(
    "logs",
    "heroku logs -n 500 -a harbour",
    "heroku logs --tail --dyno web.1 -a harbour",
    "heroku logs --tail --source app -a harbour",
)
@click.option(
    "-n",
    "--num",
    "lines",
    type=click.IntRange(1),
    default=streams.DEFAULT_LINES,
    help="How many lines. Default 100.",
)
@click.option("-t", "--tail", is_flag=True, help="Go on with new lines as they come.")
@click.option("-d", "--dyno", "--dyno-name", help="Only this dyno, or this process type.")
@click.option("-p", "--ps", "--process-type", help="Only this process type.")
@click.option("-s", "--source", help="Only this source: app or heroku.")
@click.option("--no-color", is_flag=True, help="No colours.")
@click.option("--force-colors", is_flag=True, expose_value=False, hidden=True)
def logs(
    session: Session, app: str, dyno: str | None, ps: str | None, no_color: bool, **options: object
) -> None:
    """Show the last log lines of an app, or follow them."""
    if dyno and ps:
        raise UsageError(f"Choose one: --dyno {dyno} or --ps {ps}.")
    wanted = streams.LogFilter(dyno=dyno or ps, **options)  # type: ignore[arg-type]
    for line in streams.logs(session.api, app, wanted):
        if session.json:
            session.out.data(_as_json(line))
        else:
            session.out.data(line if no_color else _colored(session, line))
        session.out.flush()


def _colored(session: Session, line: str) -> str:
    match = _LINE.match(line)
    if match is None:
        return line
    head, kind, text = match.groups()
    color = _COLORS[sum(kind.encode()) % len(_COLORS)]
    return f"{session.out.paint(head, color)}{text}"


def _as_json(line: str) -> str:
    """Return the line as one JSON object, its parts apart."""
    import msgspec

    head, separator, message = line.partition("]: ")
    moment, _, origin = head.partition(" ")
    source, _, dyno = origin.partition("[")
    if not separator:
        return msgspec.json.encode({"message": line}).decode()
    parts = {"at": moment, "source": source, "dyno": dyno, "message": message}
    return msgspec.json.encode(parts).decode()
