"""What Heroku has and this platform has none of, said truthfully: empty lists, not found."""

from __future__ import annotations

from hatoba import errors
from hatoba.api.call import Answer, Call, Listing, Reply


async def none(_: Call) -> Answer:
    """List nothing."""
    return Listing((), ("id", "name", "seq", "created_at"))


async def no_quota(_: Call) -> Answer:
    """Say that dyno hours are not counted."""
    raise errors.NotFound("Dyno hours have no quota here.", resource="quota")


async def no_session(_: Call) -> Answer:
    """Say that there are no sessions: every login here is an authorization."""
    raise errors.NotFound("Couldn't find that session.", resource="session")


async def no_debts(_: Call) -> Answer:
    """Say that nothing is owed: nothing costs anything here."""
    return Reply({"scheduled_suspension_time": None, "scheduled_deletion_time": None})
