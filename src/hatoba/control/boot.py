"""Whether the dynos of a release have come up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hatoba.control.platform import Platform
from hatoba.control.reconcile import probe
from hatoba.kit.text import listing
from hatoba.model.app import App
from hatoba.model.dyno import BOOT_TIMEOUT, Dyno, DynoKind, DynoState
from hatoba.model.formation import Formation
from hatoba.model.release import Release
from hatoba.store import apps as app_rows
from hatoba.store import dynos as dyno_rows
from hatoba.store import formations as formation_rows
from hatoba.store import releases as release_rows

# A boot may take its whole time, and the dyno before it its whole time to end.
_PATIENCE = 2 * BOOT_TIMEOUT.total_seconds()


@dataclass(frozen=True)
class Verdict:
    """``seen`` says in words what was looked at: ``web.1 up, web.2 up``."""

    ok: bool
    seen: str


async def verdict(p: Platform, app: App, release: Release) -> Verdict:
    """Wait until every dyno that the release wants is up, or one of them has crashed.

    Requests that come after that are answered by those dynos, not by the ones before them.
    """
    latest: Verdict | None = None

    async def decided() -> bool:
        nonlocal latest
        latest = await _look(p, app, release)
        return latest is not None

    try:
        await asyncio.wait_for(p.lanes.until(app.id, decided), _PATIENCE)
    except TimeoutError:
        return Verdict(False, "its dynos did not come up in time")
    if latest is not None and latest.ok:
        await p.lanes.settle(app.id)
    return latest or Verdict(False, "its dynos did not come up")


async def visit(p: Platform, app: App) -> str | None:
    """Visit the app as everybody does, over the router; return what is wrong, None if nothing.

    An answer of 500 or more is told, and no reason to refuse a release: before the first
    migration many apps have no other.
    """
    async with p.store.begin() as conn:
        formation = await formation_rows.of_app(conn, app.id)
        now = await app_rows.by_id(conn, app.id)
    if now is None or now.maintenance or not any(f.type == "web" and f.quantity for f in formation):
        return None
    status = await probe.status("127.0.0.1", p.place.port, p.place.hosts(now.name)[-1])
    if status is None or status < 500:
        return None
    return (
        f"{p.place.web_url(now.name)} answers {status}.\n\n !     The release is up, but its "
        f"answer is an error. See why: heroku logs -n 50 -a {now.name}\n"
    )


async def _look(p: Platform, app: App, release: Release) -> Verdict | None:
    async with p.store.begin() as conn:
        current = await release_rows.current(conn, app.id)
        formation = await formation_rows.of_app(conn, app.id)
        dynos = await dyno_rows.of_app(conn, app.id)
    if current is None or current.id != release.id:
        return Verdict(True, "superseded by a newer release")
    return judge(formation, [d for d in dynos if d.release_id == release.id])


def judge(formation: list[Formation], dynos: list[Dyno]) -> Verdict | None:
    """Return the verdict over a release's dynos, or None while it is open. Pure."""
    mine = [d for d in dynos if d.kind is DynoKind.PROCESS and not d.retire]
    crashed = [d for d in mine if d.state is DynoState.CRASHED or d.crashes]
    if crashed:
        worst = crashed[0]
        how = "" if worst.exit_status is None else f" with status {worst.exit_status}"
        return Verdict(False, f"{worst.name} crashed{how}")
    wanted = [f"{f.type}.{n}" for f in formation for n in range(1, f.quantity + 1)]
    up = {d.name for d in mine if d.state in (DynoState.UP, DynoState.DOWN)}
    if not wanted:
        return Verdict(True, "no dynos are wanted; scale it with `heroku ps:scale web=1`")
    if up.issuperset(wanted):
        return Verdict(True, listing([f"{name} up" for name in wanted], last="and"))
    return None
