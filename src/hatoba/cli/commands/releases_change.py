"""releases:retry, releases:rollback."""

from __future__ import annotations

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.operations.consent import Consent
from hatoba.operations.releases import Rollback
from hatoba.operations.retry import Retry


@command("releases:retry", "heroku releases:retry -a harbour")
@consent
def retry(session: Session, app: str, given: Consent) -> int:
    """Run the release command of the newest release again, and its dynos when it succeeds."""
    show = session.out.note if session.json else session.out.raw
    return carry_out(session, Retry(session.api, app, show), given).exit_code


@command("releases:rollback", "heroku rollback -a harbour", "heroku rollback v42 -a harbour")
@click.argument("release", required=False)
@consent
def rollback(session: Session, app: str, release: str | None, given: Consent) -> int:
    """Go back to an earlier release's code and config vars, by default the one before."""
    operation = Rollback(session.api, app, release)
    outcome = carry_out(session, operation, given)
    if outcome.changed:
        session.out.warn("Rollback affects code and config vars; it doesn't add or remove addons.")
    return outcome.exit_code
