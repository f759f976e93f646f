"""usage:addons: what metered add-ons have counted."""

from __future__ import annotations

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import addons


@command("usage:addons", "heroku usage:addons -a harbour")
def usage(session: Session, app: str) -> None:
    """Show what an app's metered add-ons have counted."""
    found = addons.usage(session.api, app)
    if session.json:
        session.out.json(found)
        return
    names = {addon.id: addon.name for addon in addons.listed(session.api, app)}
    rows = [
        (names.get(one.id, one.id), meter, f"{count.quantity:g}")
        for one in found.addons
        for meter, count in one.meters.items()
    ]
    if rows:
        session.out.table(rows, ("Add-on", "Meter", "Quantity"))
    else:
        session.out.say(f"No usage found for app {app}: none of its add-ons is metered.")
