"""addons and what looks at them."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.addon_choice import chosen
from hatoba.cli.browser import show, show_url
from hatoba.cli.command import command
from hatoba.cli.options import no_wrap, wait_interval
from hatoba.cli.session import Session
from hatoba.client import addons
from hatoba.client.errors import ApiError
from hatoba.errors import UsageError
from hatoba.operations.addons import MADE_DEADLINE
from hatoba.operations.pace import Pace
from hatoba.schema.addons import Addon

_BETWEEN = ("provisioning", "deprovisioning")


@command("addons", "heroku addons -a harbour", "heroku addons --all", any_app=True)
@click.option("-A", "--all", "every", is_flag=True, help="Those of all your apps.")
@no_wrap
def listing(session: Session, app: str | None, *, every: bool) -> None:
    """List an app's add-ons and the names by which it knows them, or those of all apps."""
    if every or app is None:
        _list_all(session)
    else:
        _list(session, app)


def _list_all(session: Session) -> None:
    found = sorted(addons.listed(session.api), key=lambda one: (one.app.name, one.plan.name))
    if session.json:
        session.out.json([msgspec.to_builtins(addon) for addon in found])
    elif found:
        rows = [(one.app.name, one.name, one.plan.name, one.state) for one in found]
        session.out.table(rows, ("Owning app", "Add-on", "Plan", "State"))
    else:
        session.out.say("No add-ons.")


def _list(session: Session, app: str) -> None:
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


@command("addons:info", "heroku addons:info postgresql-round-41210", any_app=True)
@click.argument("addon")
def info(session: Session, app: str | None, addon: str) -> None:
    """Show an add-on and which apps have it."""
    found = chosen(session, app, addon)
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


@command(
    "addons:wait",
    "heroku addons:wait -a harbour",
    "heroku addons:wait postgresql-round-41210 --wait-interval 10",
    any_app=True,
)
@click.argument("addon", required=False)
@wait_interval
def wait(session: Session, app: str | None, addon: str | None, wait_interval: float | None) -> int:
    """Wait until an add-on, or all of an app's, are made or gone."""
    found = [chosen(session, app, addon)] if addon else addons.listed(session.api, app)
    pace = Pace(every=wait_interval)
    went_well = [_awaited(session, one, pace) for one in found]
    return 0 if all(went_well) else 1


def _awaited(session: Session, before: Addon, pace: Pace) -> bool:
    """Wait for what is being done about an add-on; tell whether it went well."""
    if before.state not in _BETWEEN:
        return True
    with session.out.progress(f"Waiting for {before.name}") as line:
        now = pace.until(
            lambda: addons.found(session.api, before.app.name, before.name),
            lambda seen: seen is None or seen.state not in _BETWEEN,
            MADE_DEADLINE,
        )
        state = now.state if now else "deprovisioned"
        line.done(state)
    return state == ("provisioned" if before.state == "provisioning" else "deprovisioned")


@command("addons:docs", "heroku addons:docs heroku-redis", any_app=True)
@click.argument("addon", metavar="SERVICE|ADDON")
@show_url
def docs(session: Session, app: str | None, addon: str, *, show_url: bool) -> None:
    """Show where a service, or that of an add-on, is documented."""
    name = addon.partition(":")[0]
    known = [one.name for one in addons.services(session.api)]
    service = name if name in known else _service_of(session, app, addon, known)
    show(session, f"https://devcenter.heroku.com/articles/{service}", only_url=show_url)


def _service_of(session: Session, app: str | None, addon: str, known: list[str]) -> str:
    try:
        return chosen(session, app, addon).addon_service.name
    except ApiError as error:
        if error.status != 404:
            raise
        services = ", ".join(known)
        raise UsageError(
            f"There is no service and no add-on {addon}. Services: {services}."
        ) from error


@command("addons:open", "heroku addons:open postgresql-round-41210", any_app=True)
@click.argument("addon")
@show_url
def open_(session: Session, app: str | None, addon: str, *, show_url: bool) -> None:
    """Open an add-on's own page; its address lets a browser in for 5 minutes."""
    found = addons.opened(session.api, chosen(session, app, addon))
    if found.web_url is None:
        raise UsageError(
            f"{found.name} has no page of its own. Look at it: heroku addons:info {found.name}"
        )
    show(session, found.web_url, only_url=show_url)


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
