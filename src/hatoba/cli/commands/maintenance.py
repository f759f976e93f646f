"""maintenance, maintenance:on, maintenance:off."""

from __future__ import annotations

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import apps
from hatoba.operations.consent import Consent
from hatoba.operations.maintenance import Maintenance


@command("maintenance", "heroku maintenance -a harbour")
def show(session: Session, app: str) -> None:
    """Show whether the app is in maintenance mode."""
    on = apps.find(session.api, app).maintenance
    if session.json:
        session.out.json({"maintenance": on})
    else:
        session.out.data("on" if on else "off")


@command("maintenance:on", "heroku maintenance:on -a harbour")
@consent
def on(session: Session, app: str, given: Consent) -> int:
    """Show visitors the maintenance page instead of the app."""
    operation = Maintenance(session.api, app, on=True)
    return carry_out(session, operation, given).exit_code


@command("maintenance:off", "heroku maintenance:off -a harbour")
@consent
def off(session: Session, app: str, given: Consent) -> int:
    """Let visitors reach the app again."""
    operation = Maintenance(session.api, app, on=False)
    return carry_out(session, operation, given).exit_code
