"""releases, releases:info, releases:output: looking at releases."""

from __future__ import annotations

from shlex import quote

import click

from hatoba.cli import times
from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import config, releases, streams
from hatoba.client.errors import ApiError, ClientError
from hatoba.schema.platform import Release

_STATUS = {
    "expired": "release expired",
    "failed": "release command failed",
    "pending": "release command executing",
}


@command("releases", "heroku releases -a harbour", "heroku releases -n 5 -a harbour")
@click.option(
    "-n", "--num", type=click.IntRange(1, 1000), default=15, help="How many to show. Default 15."
)
def listing(session: Session, app: str, num: int) -> None:
    """List the releases of an app, the newest first."""
    found = releases.latest(session.api, app, num)
    if session.json:
        session.out.json(found)
        return
    if not found:
        session.out.data(f"{app} has no releases.")
        return
    current = next((r for r in found if r.current), None)
    session.out.header(f"{app} Releases{f' - Current: v{current.version}' if current else ''}")
    session.out.table([_row(r) for r in found])


def _row(release: Release) -> tuple[str, ...]:
    when = times.ago(release.created_at)
    return f"v{release.version}", _described(release), release.user.email, when


def _described(release: Release) -> str:
    status = _STATUS.get(release.status)
    return f"{release.description} {status}" if status else release.description


@command("releases:info", "heroku releases:info v42 -a harbour")
@click.argument("release", required=False)
@click.option("-s", "--shell", is_flag=True, help="Config vars in shell format, as comments.")
def info(session: Session, app: str, release: str | None, shell: bool) -> None:
    """Show a release, by default the newest; its config vars as fingerprints."""
    found = _find(session, app, release)
    marks = config.of_release(session.api, app, str(found.version))
    shown = {name: config.mark(digits) for name, digits in sorted(marks.items())}
    if session.json:
        session.out.json({"release": found, "config_vars": shown})
        return
    status = _STATUS.get(found.status)
    session.out.header(f"Release v{found.version}")
    session.out.fields(
        {
            "Add-ons": found.addon_plan_names,
            "By": found.user.email,
            "Change": f"{found.description} ({status})" if status else found.description,
            "Eligible for Rollback?": "Yes" if found.eligible_for_rollback else "No",
            "When": found.created_at,
        }
    )
    session.out.data()
    session.out.header(f"v{found.version} Config vars")
    if shell:
        for name, mark in shown.items():
            session.out.data(f"# {name}={quote(mark)}")
    else:
        session.out.fields(shown)


@command("releases:output", "heroku releases:output v42 -a harbour")
@click.argument("release", required=False)
def output(session: Session, app: str, release: str | None) -> None:
    """Show what the release command of a release printed, by default of the newest."""
    found = _find(session, app, release)
    if not found.output_stream_url:
        session.out.warn(f"Release v{found.version} has no release output available.")
        return
    try:
        for piece in streams.output(session.api, found.output_stream_url):
            session.out.raw(piece)
    except ApiError as error:
        if error.status != 404:
            raise
        session.out.warn("Release command not started yet. Please try again in a few seconds.")


def _find(session: Session, app: str, identity: str | None) -> Release:
    found = releases.find_or_latest(session.api, app, identity)
    if found is None:
        raise ClientError(f"{app} has no releases. Push code first: git push heroku main")
    return found
