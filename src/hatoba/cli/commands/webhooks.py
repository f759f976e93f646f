"""webhooks, webhooks:info, webhooks:deliveries, webhooks:events: looking at webhooks."""

from __future__ import annotations

import click
import msgspec

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import webhooks
from hatoba.kit.secret import masked_url
from hatoba.schema.webhooks import Delivery, Webhook

_REVEAL = click.option("--reveal", is_flag=True, help="Show URLs with their keys.")


def _masked(one: Webhook, *, reveal: bool) -> Webhook:
    return one if reveal else msgspec.structs.replace(one, url=masked_url(one.url))


@command("webhooks", "heroku webhooks -a harbour")
@_REVEAL
def listing(session: Session, app: str, *, reveal: bool) -> None:
    """List who is told of an app's changes."""
    found = [_masked(one, reveal=reveal) for one in webhooks.listed(session.api, app)]
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.say(f"{app} has no webhooks. Add one: heroku webhooks:add -a {app}")
    else:
        rows = [(one.id, one.url, ",".join(one.include), one.level) for one in found]
        session.out.table(rows, ("Webhook ID", "URL", "Include", "Level"))


@command("webhooks:info", "heroku webhooks:info 99999999-9999-9999-9999-999999999999 -a harbour")
@click.argument("webhook")
@_REVEAL
def info(session: Session, app: str, webhook: str, *, reveal: bool) -> None:
    """Show a webhook."""
    found = _masked(webhooks.find(session.api, app, webhook), reveal=reveal)
    if session.json:
        session.out.json(found)
        return
    session.out.header(found.id)
    session.out.fields(
        {"Webhook ID": found.id, "URL": found.url, "Include": ",".join(found.include)}
        | {"Level": found.level, "Created": found.created_at}
    )


@command(
    "webhooks:deliveries",
    "heroku webhooks:deliveries -a harbour",
    "heroku webhooks:deliveries --status failed -a harbour",
)
@click.option(
    "-s", "--status", help="Only those of a status: pending, retrying, failed, succeeded."
)
def deliveries(session: Session, app: str, status: str | None) -> None:
    """List what was, or is to be, told to an app's webhooks."""
    found = webhooks.deliveries(session.api, app, status)
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.data(f"{app} has no deliveries")
    else:
        heads = ("Delivery ID", "Created", "Status", "Include", "Level", "Attempts", "Code")
        session.out.table([_row(one) for one in found], (*heads, "Error", "Next Attempt"))


def _row(one: Delivery) -> tuple[str, ...]:
    last = one.last_attempt
    return (
        one.id,
        one.created_at,
        one.status,
        one.event.include,
        one.webhook.level,
        str(one.num_attempts),
        str(last.code) if last and last.code else "",
        (last.error_class if last else None) or "",
        one.next_attempt_at or "",
    )


@command(
    "webhooks:deliveries:info",
    "heroku webhooks:deliveries:info 99999999-9999-9999-9999-999999999999 -a harbour",
)
@click.argument("delivery")
def delivery_info(session: Session, app: str, delivery: str) -> None:
    """Show a delivery and what it tells."""
    found = webhooks.delivery(session.api, app, delivery)
    event = webhooks.event(session.api, app, found.event.id)
    if session.json:
        session.out.json({"delivery": found, "event": event})
        return
    heads = ("ID", "Created", "Status", "Include", "Level", "Attempts", "Code", "Error")
    session.out.header(found.id)
    values = dict(zip((*heads, "Next Attempt"), _row(found), strict=True))
    more = {"Event": found.event.id, "Webhook": found.webhook.id}
    session.out.fields({k: v for k, v in (values | more).items() if v})
    session.out.header("Event Payload")
    session.out.json(event.payload)


@command("webhooks:events", "heroku webhooks:events -a harbour")
def events(session: Session, app: str) -> None:
    """List what the webhooks of an app were told of."""
    found = webhooks.events(session.api, app)
    if session.json:
        session.out.json(found)
    elif not found:
        session.out.data(f"{app} has no events")
    else:
        rows = [
            (one.id, one.payload["resource"], one.payload["action"], one.created_at)
            for one in found
        ]
        session.out.table(rows, ("Event ID", "Resource", "Action", "Published At"))


@command(
    "webhooks:events:info",
    "heroku webhooks:events:info 99999999-9999-9999-9999-999999999999 -a harbour",
)
@click.argument("event")
def event_info(session: Session, app: str, event: str) -> None:
    """Show an event."""
    found = webhooks.event(session.api, app, event)
    session.out.json(found if session.json else found.payload)
