"""Log drains: list, add, remove. ``couriers`` carries the lines."""

from __future__ import annotations

from uuid import UUID, uuid4

from hatoba import errors
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.app import App
from hatoba.model.drain import MAX_DRAINS, Drain, url_problem
from hatoba.store import drains as rows
from hatoba.store.drains import DrainRow


async def listed(p: Platform, app: App) -> list[Drain]:
    """Return an app's drains, the oldest first."""
    async with p.store.begin() as conn:
        return [opened(p, row) for row in await rows.of_app(conn, app.id)]


async def find(p: Platform, app: App, identity: str) -> Drain:
    """Return a drain by id, URL or token. Raises NotFound."""
    for drain in await listed(p, app):
        if identity in (str(drain.id), drain.url, drain.token):
            return drain
    raise errors.NotFound("Couldn't find that drain.", resource="log_drain")


async def add(p: Platform, actor: Actor, app: App, url: str) -> Drain:
    """Send the app's lines on to ``url`` from now on. Raises InvalidParams."""
    check(url)
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        there = [opened(p, row) for row in await rows.of_app(conn, app.id)]
        if any(drain.url == url for drain in there):
            raise errors.InvalidParams("Url has already been taken.")
        if len(there) >= MAX_DRAINS:
            raise errors.InvalidParams(
                f"You have already added the maximum of {MAX_DRAINS} drains."
            )
        drain_id = uuid4()
        drain = opened(p, await rows.insert(conn, drain_id, app.id, sealed(p, drain_id, url)))
    await p.couriers.settle()
    p.logs.platform(app.id, "logplex", f"drain '{drain.token}' was added")
    return drain


def check(url: str) -> None:
    """Raise InvalidParams for a URL that lines can't be sent to."""
    if problem := url_problem(url):
        raise errors.InvalidParams(problem)


async def remove(p: Platform, actor: Actor, app: App, identity: str) -> Drain:
    """Send no more lines there. Raises NotFound."""
    drain = await find(p, app, identity)
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.delete(conn, drain.id)
    await p.couriers.settle()
    return drain


def opened(p: Platform, row: DrainRow) -> Drain:
    """Return the drain that a row holds."""
    url = p.vault.unseal(row.sealed_url, _bound(row.id)).decode()
    return Drain(row.id, row.app_id, url, row.created_at, row.updated_at)


def sealed(p: Platform, drain_id: UUID, url: str) -> bytes:
    """Return a drain's URL as it is stored."""
    return p.vault.seal(url.encode(), _bound(drain_id))


def _bound(drain_id: UUID) -> str:
    return f"drain:{drain_id}"
