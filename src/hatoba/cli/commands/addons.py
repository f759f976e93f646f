"""addons and what looks at them."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import addons
from hatoba.schema.addons import Addon


@command("addons", "heroku addons -a harbour")
def listing(session: Session, app: str) -> None:
    """List an app's add-ons, and the names by which it knows them."""
    there = addons.attachments(session.api, app)
    own = {addon.id: addon for addon in addons.listed(session.api, app)}
    if session.json:
        session.out.json([msgspec.to_builtins(addon) for addon in own.values()])
        return
    if not there and not own:
        session.out.say(f"No add-ons for app {app}.")
        return
    rows = []
    for addon in own.values():
        names = ", ".join(a.url_var for a in there if a.addon.id == addon.id)
        rows.append(
            (f"{addon.addon_service.name} ({addon.name})", _plan(addon), names, addon.state)
        )
    for a in (a for a in there if a.addon.id not in own):
        plan = a.addon.plan.name if a.addon.plan else ""
        rows.append((f"{a.addon.name} of {a.addon.app.name}", plan, a.url_var, "attached"))
    session.out.table(rows, ("Add-on", "Plan", "Attached as", "State"))


def _plan(addon: Addon) -> str:
    return addon.plan.name.partition(":")[2]


@command("addons:info", "heroku addons:info postgresql-round-41210 -a harbour")
@click.argument("addon")
def info(session: Session, app: str, addon: str) -> None:
    """Show an add-on and which apps have it."""
    found = addons.find(session.api, app, addon)
    there = addons.of_addon(session.api, found.id)
    if session.json:
        session.out.json(msgspec.to_builtins(found))
        return
    session.out.header(found.name)
    session.out.fields(
        {
            "Plan": found.plan.name,
            "State": found.state,
            "Owning app": found.app.name,
            "Attachments": [f"{a.app.name}::{a.name}" for a in there],
            "Installed at": found.created_at,
        }
    )


@command("addons:services", "heroku addons:services", app=False)
def services(session: Session) -> None:
    """List what add-ons can be made of."""
    found = addons.services(session.api)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
        return
    session.out.table([(s.name, s.human_name, s.state) for s in found], ("Slug", "Name", "State"))


@command("addons:plans", "heroku addons:plans heroku-postgresql", app=False)
@click.argument("service")
def plans(session: Session, service: str) -> None:
    """List the plans of a service."""
    found = addons.plans(session.api, service)
    if session.json:
        session.out.json([msgspec.to_builtins(one) for one in found])
        return
    rows = [("default" if one.default else "", one.name, one.human_name) for one in found]
    session.out.table(rows, ("", "Slug", "Name"))
