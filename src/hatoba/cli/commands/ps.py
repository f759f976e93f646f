"""ps, ps:wait: which dynos run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby

import click

from hatoba.cli import times
from hatoba.cli.command import command
from hatoba.cli.options import no_wrap
from hatoba.cli.session import Session
from hatoba.client import dynos, releases
from hatoba.client.errors import ClientError
from hatoba.schema.platform import Dyno

# The official command refuses less than 10 s, for Heroku's rate limits; here 1 s does no harm.
WAIT_SECONDS = 1.0


@command("ps", "heroku ps -a harbour", "heroku ps web worker -a harbour")
@click.argument("types", nargs=-1)
@no_wrap
def listing(session: Session, app: str, types: tuple[str, ...]) -> None:
    """List the dynos of an app, or of these process types."""
    found = dynos.listed(session.api, app)
    for wanted in types:
        if not any(d.type == wanted for d in found):
            raise ClientError(f"No {wanted} dynos on {app}. Start one: heroku ps:scale {wanted}=1")
    chosen = [d for d in found if not types or d.type in types]
    if session.json:
        session.out.json(chosen)
    elif not chosen:
        session.out.data(f"No dynos on {app}")
    else:
        _show(session, chosen)


def _show(session: Session, found: Sequence[Dyno]) -> None:
    one_off = [d for d in found if d.type == "run"]
    if one_off:
        session.out.header(f"run: one-off processes ({len(one_off)})")
        for dyno in one_off:
            session.out.data(f"{dyno.name} ({dyno.size}): {_since(session, dyno)}: {dyno.command}")
        session.out.data()
    rest = [d for d in found if d.type != "run"]
    for _, group in groupby(rest, key=lambda d: (d.type, d.size, d.command)):
        _show_group(session, list(group))


def _show_group(session: Session, group: Sequence[Dyno]) -> None:
    first = group[0]
    session.out.header(f"{first.type} ({first.size}): {first.command} ({len(group)})")
    for dyno in group:
        session.out.data(f"{dyno.name}: {_since(session, dyno)}")
    session.out.data()


def _since(session: Session, dyno: Dyno) -> str:
    state = session.out.paint(dyno.state, "green" if dyno.state == "up" else "yellow")
    return f"{state} {times.ago(dyno.updated_at)}"


@command("ps:wait", "heroku ps:wait -a harbour", "heroku ps:wait --type web -a harbour")
@click.option("-t", "--type", "type_", help="Wait for one process type.")
@click.option(
    "-w",
    "--wait-interval",
    type=click.FloatRange(0.1),
    default=WAIT_SECONDS,
    help="Seconds between two looks.",
)
@click.option("-R", "--with-run", is_flag=True, help="Wait for one-off dynos too.")
def wait(
    session: Session, app: str, type_: str | None, wait_interval: float, with_run: bool
) -> None:
    """Wait until every dyno runs the latest release."""
    newest = next(iter(releases.latest(session.api, app, 1)), None)
    if newest is None:
        session.out.warn(f"App {app} has no releases")
        return
    skipped = {"release"} if with_run else {"release", "run"}
    with session.out.progress(f"Waiting for every dyno to be running v{newest.version}") as line:
        while True:
            found = dynos.listed(session.api, app)
            wanted = [d for d in found if d.type not in skipped and type_ in (None, d.type)]
            ready = [d for d in wanted if d.state == "up" and d.release.version >= newest.version]
            if len(ready) == len(wanted):
                line.done(f"{len(ready)} / {len(wanted)}, done")
                return
            line.status(f"{len(ready)} / {len(wanted)}")
            time.sleep(wait_interval)
