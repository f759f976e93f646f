"""addons and what looks at them."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import addons
from hatoba.errors import UsageError
from hatoba.operations.addons import MADE_DEADLINE
from hatoba.operations.pace import Pace
from hatoba.schema.addons import Addon

_BETWEEN = ("provisioning", "deprovisioning")


@command("addons", "heroku addons -a harbour")
def listing(session: Session, app: str) -> None:
    """List an app's add-ons, and the names by which it knows them."""
    there = addons.attachments(session.api, app)
    found = addons.listed(session.api, app)
    if session.json:
        session.out.json([msgspec.to_builtins(addon) for addon in found])
        return
    own = {addon.id: addon for addon in found if addon.app.name == app}
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
    if found.provision_message:
        session.out.say(found.provision_message)


@command("addons:wait", "heroku addons:wait -a harbour")
@click.argument("addon", required=False)
def wait(session: Session, app: str, addon: str | None) -> int:
    """Wait until an add-on, or all of an app's, are made or gone."""
    names = [addon] if addon else [one.name for one in addons.listed(session.api, app)]
    found = [addons.find(session.api, app, name) for name in names]
    went_well = [_awaited(session, app, one) for one in found]
    return 0 if all(went_well) else 1


def _awaited(session: Session, app: str, before: Addon) -> bool:
    """Wait for what is being done about an add-on; tell whether it went well."""
    if before.state not in _BETWEEN:
        return True
    with session.out.progress(f"Waiting for {before.name}") as line:
        now = Pace().until(
            lambda: addons.found(session.api, app, before.name),
            lambda seen: seen is None or seen.state not in _BETWEEN,
            MADE_DEADLINE,
        )
        state = now.state if now else "deprovisioned"
        line.done(state)
    return state == ("provisioned" if before.state == "provisioning" else "deprovisioned")


@command("addons:docs", "heroku addons:docs heroku-redis", app=False)
@click.argument("addon", metavar="SERVICE")
def docs(session: Session, addon: str) -> None:
    """Show where a service is documented."""
    name = addon.partition(":")[0]
    known = [one.name for one in addons.services(session.api)]
    if name not in known:
        raise UsageError(f"There is no service {name}. There are: {', '.join(known)}.")
    session.out.data(f"https://devcenter.heroku.com/articles/{name}")


@command("addons:open", "heroku addons:open postgresql-round-41210 -a harbour")
@click.argument("addon")
def open_(session: Session, app: str, addon: str) -> None:
    """Print the address of an add-on's own page, which lets a browser in for 5 minutes."""
    found = addons.opened(session.api, app, addon)
    if found.web_url is None:
        raise UsageError(
            f"{found.name} has no page of its own. Look at it: heroku addons:info {found.name} "
            f"-a {app}"
        )
    session.out.data(found.web_url)


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
