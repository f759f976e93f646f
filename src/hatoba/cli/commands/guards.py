"""apps:guard, apps:guard:open, apps:unguard."""

from __future__ import annotations

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import guards
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.guards import Guard


@command("apps:guard", "heroku apps:guard -a harbour")
@consent
def guard(session: Session, app: str, given: Consent) -> int:
    """Have config vars and every change of an app take a code of a second factor."""
    return carry_out(session, Guard(session.api, app, guarded=True), given).exit_code


@command("apps:unguard", "heroku apps:unguard -a harbour")
@consent
def unguard(session: Session, app: str, given: Consent) -> int:
    """Have changes of an app take a token alone again."""
    return carry_out(session, Guard(session.api, app, guarded=False), given).exit_code


@command("apps:guard:open", "heroku apps:guard:open -a harbour")
def open_(session: Session, app: str) -> None:
    """Show a code of your second factor, and change a guarded app for half an hour."""
    if not session.interactive:
        raise UsageError("This asks for a code of your device: run it at a terminal.")
    guards.show(session.api, app, session.out.ask("Two-factor code:"))
    session.out.say(f"You may change {app} for half an hour.")
    if session.json:
        session.out.json({"app": app, "open": True})
