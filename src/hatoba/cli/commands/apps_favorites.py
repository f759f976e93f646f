"""apps:favorites: the apps to have at hand."""

from __future__ import annotations

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import metrics
from hatoba.operations.consent import Consent
from hatoba.operations.favorites import ChangeFavorite


@command("apps:favorites", "heroku apps:favorites", app=False)
def listing(session: Session) -> None:
    """List your favorites."""
    found = metrics.favorites(session.api)
    if session.json:
        session.out.json(found)
        return
    session.out.header("Favorited Apps")
    for one in found:
        session.out.data(one.resource_name)


@command("apps:favorites:add", "heroku apps:favorites:add -a harbour")
@consent
def add(session: Session, app: str, given: Consent) -> int:
    """Make an app one of your favorites."""
    return carry_out(session, ChangeFavorite(session.api, app, add=True), given).exit_code


@command("apps:favorites:remove", "heroku apps:favorites:remove -a harbour")
@consent
def remove(session: Session, app: str, given: Consent) -> int:
    """Make an app none of your favorites any more."""
    return carry_out(session, ChangeFavorite(session.api, app, add=False), given).exit_code
