"""up, down, status, env, platform:logs: the platform itself, on this machine."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from shlex import quote
from types import FrameType
from typing import NoReturn, TypedDict, Unpack

import click

from hatoba import settings
from hatoba.cli import daemon
from hatoba.cli.command import command
from hatoba.cli.daemon import Running
from hatoba.cli.session import Session
from hatoba.client import credentials, platform, target
from hatoba.client.errors import ClientError, NotLoggedIn, Unreachable
from hatoba.kit import process, text
from hatoba.kit.process import ProcessId
from hatoba.schema.hatoba import Component, Status
from hatoba.settings import Settings

_DATA_DIR = click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of the platform."
)


class Said(TypedDict):
    """What the command line says of a platform to be started."""

    data_dir: Path | None
    port: int | None
    engine: str | None
    domain: str | None
    cnb_builder: tuple[str, ...]


@command("up", "hatoba up", "hatoba up --detach --data-dir ./data --port 8090", app=False)
@_DATA_DIR
@click.option("--port", type=click.IntRange(1, 65535), help="Port. Default 8080.")
@click.option("--engine", type=click.Choice(settings.ENGINES), help="What runs the dynos.")
@click.option("--domain", metavar="NAME", help="Public name, such as paas.example.com.")
@click.option("--cnb-builder", multiple=True, metavar="IMAGE", help="Builds apps on the stack cnb.")
@click.option("--detach", is_flag=True, help="Return once it is ready.")
def up(session: Session, *, detach: bool, **said: Unpack[Said]) -> int:
    """Start the platform on this machine."""
    chosen = settings.chosen(**said)
    running = daemon.find(chosen)
    if running.keeper is not None:
        return _already(session, chosen, running)
    began = time.monotonic()
    session.out.say(f"Starting Hatoba in {chosen.data_dir}")
    keeper = daemon.start(chosen)
    try:
        last = _watch(session, chosen, keeper)
    except KeyboardInterrupt:
        _stop(session, chosen)
        raise
    _welcome(session, chosen, last, time.monotonic() - began)
    return 0 if detach else _stay(session, chosen, keeper)


def _already(session: Session, chosen: Settings, running: Running) -> int:
    """Say that it is up; while its daemon dies again and again, say that and why."""
    dying = running.daemon is None or running.deaths > 1
    if dying and daemon.status(chosen) is None:
        raise ClientError(
            f"hatobad has ended {text.plural(running.deaths, 'time')} in a row; it is started "
            f"again and again, and dynos run on. Its last words: {daemon.last_words(chosen)}"
        )
    own = credentials.of_platform(chosen.data_dir)
    where = f" at {own.api_url}" if own else ""
    session.out.say(f"Hatoba is already up{where} (data in {chosen.data_dir}).")
    if own:
        _lead_here(session, own.api_url)
    return 0


def _watch(session: Session, chosen: Settings, keeper: ProcessId) -> Status:
    """Say of each component when it is up; return the status of the ready platform."""
    said: set[str] = set()
    last = None
    for found in daemon.until_ready(chosen, keeper):
        last = found
        for component in found.components:
            if component.state == "up" and component.name not in said:
                said.add(component.name)
                session.out.say(f"✓ {component.name}  {component.detail}".rstrip(), "green")
    assert last is not None  # noqa: S101 until_ready gives the ready status last
    return last


def _lead_here(session: Session, url: str) -> None:
    """Say how commands find this platform, where they would go to another."""
    try:
        meant = target.find(session.settings).api_url
    except ClientError:
        meant = None  # HEROKU_HOST has a value that each command refuses.
    if meant != url:
        session.out.say(f"Commands go to it after: export HEROKU_HOST={url}")


def _welcome(session: Session, chosen: Settings, found: Status, seconds: float) -> None:
    own = daemon.login(chosen)
    if own is None:
        raise ClientError(f"The platform wrote no login to {chosen.data_dir}.")
    credentials.store(session.settings.config_dir, own)
    for notice in found.notices:
        session.out.warn(notice)
    session.out.say(f"Ready in {seconds:.1f} s: {own.api_url}, logged in as {own.email}")
    _lead_here(session, own.api_url)
    session.out.say("First app: heroku create")
    session.out.say('Official heroku command and git: eval "$(hatoba env)"')
    if session.json:
        session.out.json({"api_url": own.api_url, "email": own.email, "status": found})


def _stay(session: Session, chosen: Settings, keeper: ProcessId) -> int:
    """Wait in the foreground; Ctrl-C and SIGTERM stop the platform."""
    signal.signal(signal.SIGTERM, _interrupt)
    session.out.say("Stop it with Ctrl-C.")
    session.out.flush()
    try:
        while not process.gone_within(keeper, 3600):
            pass
    except KeyboardInterrupt:
        session.out.say()
        return _stop(session, chosen)
    session.out.error(f"The platform has ended. Its log: {chosen.log_file}")
    return 1


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt


@command("down", "hatoba down", app=False)
@_DATA_DIR
def down(session: Session, data_dir: Path | None) -> int:
    """Stop the platform, its dynos, router and databases in order."""
    chosen = settings.chosen(data_dir, None, None)
    if daemon.find(chosen).main is None:
        if left := daemon.left_behind(chosen):
            parts = ", ".join(f"{name} ({part.pid})" for name, part in sorted(left.items()))
            raise ClientError(
                f"The daemon has ended and left behind: {parts}; dynos may run on too. "
                "Start it as before, which takes them over, then take it down: hatoba up --detach"
            )
        session.out.say(f"Hatoba is not up (data in {chosen.data_dir}).")
        return 0
    return _stop(session, chosen)


def _stop(session: Session, chosen: Settings) -> int:
    with session.out.progress("Stopping Hatoba") as line:
        if daemon.stop(daemon.find(chosen)):
            return 0
        line.done("still running")
    session.out.error(f"It has not ended after {daemon.STOP_SECONDS:.0f} s. See {chosen.log_file}")
    return 1


@command("status", "hatoba status", "hatoba status --json", app=False)
def status(session: Session) -> int:
    """Show how the platform and its parts are; exit code 1 when not ready or after an alarm."""
    try:
        found = platform.status(session.api)
    except (Unreachable, NotLoggedIn) as error:
        if session.json:
            session.out.json({"ready": False, "components": [], "notices": [error.message]})
        session.out.error(f"{error.message}\nStart it: hatoba up")
        return 1
    if session.json:
        session.out.json(found)
    else:
        _show(session, found)
    return 0 if found.ready and not found.alarms else 1


def _show(session: Session, found: Status) -> None:
    state = "ready" if found.ready else "not ready"
    session.out.header(f"Hatoba {found.version} at {session.target.api_url}: {state}")
    session.out.table([_row(c) for c in found.components], ("Part", "State", "PID", "Memory", ""))
    session.out.data()
    counts = [text.plural(found.apps, "app"), text.plural(found.dynos, "dyno")]
    more = [f"{text.size(found.images)} of images"] if found.images else []
    session.out.data(", ".join([*counts, *more]))
    for notice in found.notices:
        session.out.warn(notice)
    for alarm in found.alarms:
        session.out.error(alarm)


def _row(part: Component) -> tuple[str, ...]:
    memory = text.size(part.memory) if part.memory else ""
    return part.name, part.state, str(part.pid or ""), memory, part.detail


@command("env", 'eval "$(hatoba env)"', app=False)
def env(session: Session) -> int | None:
    """Print the environment that points the official heroku command and git at this platform."""
    from hatoba.cli import exports

    if session.target.is_heroku:
        raise ClientError("HEROKU_HOST names Heroku itself. Unset it, then run hatoba env again.")
    if sys.stdout.isatty():
        session.out.say("This prints a token, so it prints to a pipe only. Use it like this:")
        session.out.say('  eval "$(hatoba env)"')
        return None
    if session.target.token is None:
        raise NotLoggedIn(f"Not logged in at {session.target.api_url}: run hatoba up first.")
    found = exports.variables(session.settings, session.target)
    if session.json:
        session.out.json(found)
    else:
        for name, value in found.items():
            session.out.data(f"export {name}={quote(value)}")
    return None


@command("platform:logs", "hatoba logs -n 200", "hatoba platform:logs --tail", app=False)
@_DATA_DIR
@click.option("-n", "--num", type=click.IntRange(1), default=100, help="How many lines.")
@click.option("-t", "--tail", is_flag=True, help="Go on with new lines as they come.")
def logs(session: Session, data_dir: Path | None, num: int, tail: bool) -> None:
    """Show what the platform's daemon printed; of an app: heroku logs -a APP."""
    path = settings.chosen(data_dir, None, None).log_file
    if not path.exists():
        raise ClientError(f"There is no log at {path}. Was the platform ever started there?")
    for line in daemon.tail(path, num):
        session.out.data(line)
    session.out.flush()
    if tail:
        _follow(session, path)


def _follow(session: Session, path: Path) -> None:
    with path.open(errors="replace") as file:
        file.seek(0, 2)
        while True:
            line = file.readline()
            if line:
                session.out.data(line.rstrip("\n"))
                session.out.flush()
            else:
                time.sleep(daemon.LOOK_SECONDS)
