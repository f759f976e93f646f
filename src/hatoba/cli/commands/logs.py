"""logs: what an app, its dynos and the router say."""

from __future__ import annotations

import re
from typing import TypedDict, Unpack

import click

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import dynos, formation, streams
from hatoba.errors import UsageError

# 2026-11-23T10:00:00+00:00 app[web.1]: text
_LINE = re.compile(r"^(\S+ [\w-]+\[([\w-]+)[\w.-]*\]:)(.*)$", re.DOTALL)
# Has lines in an app's log, and is no dyno.
_ROUTER = "router"
_COLORS = ("yellow", "green", "cyan")


class Options(TypedDict):
    """Which lines are shown, and how."""

    lines: int
    tail: bool
    dyno: str | None
    ps: str | None
    source: str | None
    no_color: bool
    force_colors: bool


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
@click.option("--force-colors", is_flag=True, hidden=True)
def logs(session: Session, app: str, **options: Unpack[Options]) -> None:
    """Show the last log lines of an app, or follow them."""
    if options["force_colors"]:
        session.out.force_color()
    wanted = _filter(options)
    if wanted.tail and (why := _nothing(session, app, wanted)):
        session.out.say(f"{why} Waiting for lines of it...", "yellow")
    shown = False
    for line in streams.logs(session.api, app, wanted):
        shown = True
        if session.json:
            session.out.data(_as_json(line))
        else:
            session.out.data(line if options["no_color"] else _colored(session, line))
        session.out.flush()
    if not shown and not wanted.tail:
        of = f" of {wanted.dyno}" if wanted.dyno else ""
        session.out.say(_nothing(session, app, wanted) or f"No log lines{of} yet.")


def _filter(options: Options) -> streams.LogFilter:
    dyno, ps = options["dyno"], options["ps"]
    if dyno and ps:
        raise UsageError(f"Choose one: --dyno {dyno} or --ps {ps}.")
    if options["no_color"] and options["force_colors"]:
        raise UsageError("Choose one: --no-color or --force-colors.")
    return streams.LogFilter(options["lines"], dyno or ps, options["source"], options["tail"])


def _nothing(session: Session, app: str, wanted: streams.LogFilter) -> str | None:
    """Say that the app has no dyno or process type as is asked for; None when it has."""
    name = wanted.dyno
    if name in (None, _ROUTER):
        return None
    running = [dyno.name for dyno in dynos.listed(session.api, app)]
    types = [one.type for one in formation.listed(session.api, app)]
    if name in (*running, *types, *(one.partition(".")[0] for one in running)):
        return None
    has = ", ".join(dict.fromkeys([*types, *running])) or "none yet"
    return f"{app} has no dyno and no process type {name}. It has: {has}."


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
