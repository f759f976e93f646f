"""Scheduled jobs."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import scheduler as encode
from hatoba.control import scheduler, scheduler_runs
from hatoba.control.scheduler import Wish
from hatoba.model.scheduled_job import Job


class Change(msgspec.Struct):
    """``POST`` and ``PATCH``: ``every`` is 10m, hour or day, ``at`` is :30 or 02:30 in UTC."""

    command: str | None = None
    size: str | None = None
    every: str | None = None
    at: str | None = None

    @property
    def wish(self) -> Wish:
        """The same for the platform."""
        return Wish(self.command, self.size, self.every, self.at)


async def listed(call: OnApp) -> Answer:
    """List the app's jobs."""
    found = await scheduler.listed(call.platform, call.app)
    return Listing([encode.job(one, call.app) for one in found], ("number", "id"))


async def add(call: OnApp) -> Answer:
    """Add a job."""
    wish = decode.body(call, Change).wish
    made = await scheduler.add(call.platform, call.actor, call.app, wish)
    return Reply(encode.job(made, call.app), 201)


async def info(call: OnApp) -> Answer:
    """Tell about one job."""
    return Reply(encode.job(await _find(call), call.app))


async def update(call: OnApp) -> Answer:
    """Change a job."""
    wish = decode.body(call, Change).wish
    changed = await scheduler.change(call.platform, call.actor, call.app, call.path("job"), wish)
    return Reply(encode.job(changed, call.app))


async def remove(call: OnApp) -> Answer:
    """Remove a job."""
    gone = await scheduler.remove(call.platform, call.actor, call.app, call.path("job"))
    return Reply(encode.job(gone, call.app))


async def run(call: OnApp) -> Answer:
    """Run a job once more, now."""
    begun = await scheduler_runs.now(call.platform, call.actor, call.app, call.path("job"))
    return Reply(encode.run(begun), 201)


async def runs(call: OnApp) -> Answer:
    """List the latest runs of a job, the newest first."""
    found = await scheduler.runs(call.platform, await _find(call))
    return Listing([encode.run(one) for one in found], ("id",))


async def _find(call: OnApp) -> Job:
    return await scheduler.find(call.platform, call.app, call.path("job"))
