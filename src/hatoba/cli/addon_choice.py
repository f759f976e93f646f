"""The add-on to act on: of the app at hand, or of any app by a name that is unique."""

from __future__ import annotations

from hatoba.cli.session import Session
from hatoba.client import addons
from hatoba.schema.addons import Addon


def chosen(session: Session, app: str | None, name: str) -> Addon:
    """Return the add-on that is meant, and say which app it is of where that is another one."""
    found = addons.resolve(session.api, app, name)
    if found.app.name != app:
        session.out.say(f"App {found.app.name} (it has {found.name})", "dim")
    return found
