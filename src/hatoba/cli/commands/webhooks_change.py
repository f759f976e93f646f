"""webhooks:add, webhooks:update, webhooks:remove."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import Body, command, consent
from hatoba.cli.session import Session
from hatoba.operations.consent import Consent
from hatoba.operations.webhooks import AddWebhook, RemoveWebhook, UpdateWebhook, Wanted


def _wanted(body: Body) -> Body:
    for option in (
        click.option("-i", "--include", required=True, help="Kinds of changes, by commas."),
        click.option(
            "-l",
            "--level",
            required=True,
            type=click.Choice(["notify", "sync"]),
            help="notify tries once, sync until it works or 72 hours are over.",
        ),
        click.option("-s", "--secret", help="What deliveries are signed with."),
        click.option("-t", "--authorization", help="The Authorization header of deliveries."),
        click.option("-u", "--url", required=True, help="Where to send them: https or http."),
    ):
        body = option(body)
    return body


def _of(options: dict[str, str | None]) -> Wanted:
    kinds = tuple(kind.strip() for kind in (options["include"] or "").split(","))
    return Wanted(
        url=options["url"] or "",
        include=kinds,
        level=options["level"] or "",
        secret=options["secret"],
        authorization=options["authorization"],
    )


@command(
    "webhooks:add",
    "heroku webhooks:add -i api:release,api:dyno -l notify -u https://example.com/hooks -a harbour",
)
@_wanted
@click.option("--reveal", is_flag=True, help="Print the secret that deliveries are signed with.")
@consent
def add(session: Session, app: str, *, reveal: bool, given: Consent, **options: str | None) -> int:
    """Have somebody told of an app's changes over HTTP."""
    operation = AddWebhook(session.api, app, _of(options))
    outcome = carry_out(session, operation, given)
    if operation.made is None:
        return outcome.exit_code
    if reveal and not session.json:
        session.out.header("Webhooks Signing Secret")
        session.out.data(operation.secret)
    elif options["secret"] is None:
        session.out.say(
            "Deliveries are signed with a secret that was made. Set one of your own with "
            f"heroku webhooks:update {operation.made.id} -s SECRET, or see it at add with --reveal."
        )
    return outcome.exit_code


@command(
    "webhooks:update",
    "heroku webhooks:update 99999999-9999-9999-9999-999999999999 -i dyno -l sync "
    "-u https://example.com/hooks -a harbour",
)
@click.argument("webhook")
@_wanted
@consent
def update(
    session: Session, app: str, webhook: str, *, given: Consent, **options: str | None
) -> int:
    """Change a webhook; secret and authorization stay unless they are given."""
    operation = UpdateWebhook(session.api, app, webhook, _of(options))
    return carry_out(session, operation, given).exit_code


@command(
    "webhooks:remove", "heroku webhooks:remove 99999999-9999-9999-9999-999999999999 -a harbour"
)
@click.argument("webhook")
@consent
def remove(session: Session, app: str, webhook: str, given: Consent) -> int:
    """Have somebody told no more."""
    return carry_out(session, RemoveWebhook(session.api, app, webhook), given).exit_code
