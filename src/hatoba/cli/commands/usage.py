"""usage:addons: what metered add-ons have counted."""

from __future__ import annotations

import click

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import addons, teams
from hatoba.schema.addons import AppUsage


@command(
    "usage:addons",
    "heroku usage:addons -a harbour",
    "heroku usage:addons -t crew",
    app=False,
)
@click.option("-a", "--app", metavar="APP", help="App to act on.")
@click.option("-r", "--remote", metavar="REMOTE", help="Git remote of the app to act on.")
@click.option("-t", "--team", metavar="TEAM", help="All apps of a team.")
def usage(session: Session, app: str | None, remote: str | None, team: str | None) -> None:
    """Show what metered add-ons of an app, or of a team's apps, have counted."""
    if team is None or app is not None:
        name = session.app(app, remote)
        found = addons.usage(session.api, name)
        if session.json:
            session.out.json(found)
        else:
            _show(session, name, found)
        return
    of_each = {
        one.name: addons.usage(session.api, one.name) for one in teams.apps(session.api, team)
    }
    if session.json:
        session.out.json(of_each)
        return
    if not of_each:
        session.out.say(f"No usage found for team {team}: it has no apps.")
    for name, counted in of_each.items():
        session.out.header(f"Usage for {name}")
        _show(session, name, counted)


def _show(session: Session, app: str, found: AppUsage) -> None:
    names = {addon.id: addon.name for addon in addons.listed(session.api, app)}
    rows = [
        (names.get(one.id, one.id), meter, f"{count.quantity:g}")
        for one in found.addons
        for meter, count in one.meters.items()
    ]
    if rows:
        session.out.table(rows, ("Add-on", "Meter", "Quantity"))
    else:
        session.out.say(f"No usage found for app {app}: none of its add-ons is metered.")
