"""The pages of add-ons: a way into a provider's own, and the list of scheduled jobs.

A browser has no token, so a page opens by a signature that is good for a few minutes.
"""

from __future__ import annotations

from datetime import timedelta
from html import escape

from starlette.responses import Response

from hatoba.api import signing
from hatoba.api.call import Answer, Call, OnApp, Reply, SignedIn
from hatoba.auth import access, accounts
from hatoba.control import addons, catalogue, scheduler, sso
from hatoba.control.services import Service
from hatoba.model.account import Account
from hatoba.model.addon import Addon
from hatoba.model.app import App
from hatoba.model.permission import Permission
from hatoba.model.scheduled_job import SERVICE as SCHEDULER
from hatoba.model.scheduled_job import Job

PATH = "/addons-sso/{addon}"
_PURPOSE = "add-on page"
# Databases and stores have no page of their own but what is known of them.
_KEPT_HERE = {"heroku-postgresql": "pg:info", "heroku-redis": "redis:info"}
_LASTS = timedelta(minutes=5)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def address(call: Call, addon: Addon, service: Service) -> str | None:
    """Return where an add-on's page is; it opens only with a signature."""
    return f"{call.reach.url}{_path(addon)}" if catalogue.has_page(service) else None


def ticket(call: SignedIn, addon: Addon, service: Service) -> str | None:
    """Return an address by which this caller's browser gets into an add-on's page."""
    if not catalogue.has_page(service):
        return None
    query = {"account": str(call.account.id)}
    return signing.url(call, _PURPOSE, _path(addon), lasts=_LASTS, query=query)


def _path(addon: Addon) -> str:
    return PATH.replace("{addon}", str(addon.id))


async def sign_on(call: OnApp) -> Answer:
    """Tell what a browser must post to get into the provider's page."""
    addon = await addons.find(call.platform, call.path("addon"))
    if addon.app_id != call.app.id:
        raise addons.unknown()
    found = await sso.sign_on(call.platform, call.account, addon, call.app)
    return Reply({"method": "post", "action": found.action, "params": found.fields})


async def page(call: Call) -> Answer:
    """Show an add-on's page to whoever has a ticket for it."""
    query = dict(call.request.query_params)
    if "signature" not in query:
        return _html(403, "Ask for a way in", "<p>Run <code>heroku addons:open</code>.</p>")
    signing.check(call.platform, _PURPOSE, call.request.url.path, query)
    account = await accounts.find(call.platform.store, query["account"])
    addon = await addons.find(call.platform, call.path("addon"))
    app = await access.app(call.platform.store, account, str(addon.app_id), Permission.VIEW)
    if addon.service == SCHEDULER:
        return _jobs(app, await scheduler.listed(call.platform, app))
    if addon.service in _KEPT_HERE:
        return _about(app, addon)
    return await _way_in(call, account, addon, app)


async def _way_in(call: Call, account: Account, addon: Addon, app: App) -> Response:
    """Return a page that posts itself to the provider's."""
    found = await sso.sign_on(call.platform, account, addon, app)
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in found.fields.items()
    )
    body = (
        f'<form id="way-in" method="post" action="{escape(found.action)}">{fields}'
        "<button>Go on</button></form>"
        '<script>document.getElementById("way-in").submit()</script>'
    )
    return _html(200, f"Opening {addon.name} of {app.name}", body)


def _jobs(app: App, found: list[Job]) -> Response:
    rows = "".join(
        f"<tr><td>{job.number}<td><code>{escape(job.command)}</code><td>{escape(job.size)}"
        f"<td>{escape(job.rhythm.words)}<td>{job.next_at:%Y-%m-%d %H:%M} UTC"
        f"<td>{escape(job.problem or '')}</tr>"
        for job in found
    )
    table = (
        f"<table><tr><th>Job<th>Command<th>Size<th>Runs<th>Next<th></tr>{rows}</table>"
        if found
        else "<p>There are no jobs yet.</p>"
    )
    name = escape(app.name)
    how = (
        f"<p>Change them: <code>heroku scheduler:add 'rake sweep' --every day --at 02:30 -a {name}"
        f"</code>, <code>scheduler:update</code>, <code>scheduler:remove</code>.</p>"
    )
    return _html(200, f"Scheduled jobs of {app.name}", table + how)


def _about(app: App, addon: Addon) -> Response:
    """Tell of a database or store what there is, and the command that shows the rest."""
    facts = {"Plan": addon.plan, "State": addon.state.value, "App": app.name}
    rows = "".join(f"<tr><th>{name}<td>{escape(value)}</tr>" for name, value in facts.items())
    command = f"heroku {_KEPT_HERE[addon.service]} -a {app.name}"
    more = f"<p>Look at it: <code>{escape(command)}</code></p>"
    return _html(200, f"{addon.name} of {app.name}", f"<table>{rows}</table>{more}")


def _html(status: int, title: str, body: str) -> Response:
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        "<style>body{font-family:system-ui;margin:3rem;max-width:60rem}"
        "td,th{text-align:left;padding:.3rem 1rem .3rem 0}</style>"
        f"<h1>{escape(title)}</h1>{body}</html>"
    )
    return Response(text, status, headers=_HEADERS)
