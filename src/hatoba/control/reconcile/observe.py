"""Gather what is wanted and what is there about one app."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from hatoba.control import certificates
from hatoba.control.platform import Platform
from hatoba.control.reconcile.plan import Seen
from hatoba.model.route import AppRoute
from hatoba.store import acm as acm_rows
from hatoba.store import apps as app_rows
from hatoba.store import config as config_rows
from hatoba.store import domains as domain_rows
from hatoba.store import dynos as dyno_rows
from hatoba.store import features as feature_rows
from hatoba.store import formations as formation_rows
from hatoba.store import releases as release_rows
from hatoba.store import sni_endpoints as endpoint_rows


@dataclass
class Memory:
    """What one lane remembers between its passes; all of it may be lost without harm."""

    route: AppRoute | None = None
    probed: set[UUID] = field(default_factory=set)
    answered: set[UUID] = field(default_factory=set)
    watched: set[UUID] = field(default_factory=set)
    idle: set[UUID] = field(default_factory=set)
    asked: set[UUID] = field(default_factory=set)

    def trim(self, seen: Seen) -> None:
        """Drop what is remembered of dynos that are no more."""
        known = {d.id for d in seen.dynos} | seen.engine.keys()
        for remembered in (self.probed, self.answered, self.watched, self.idle, self.asked):
            remembered.intersection_update(known)


async def observe(p: Platform, app_id: UUID, memory: Memory) -> Seen | None:
    """Return the app as it is now, or None when it is gone for good.

    The engine is asked before the rows are read: a dyno is noted before it is started, so one
    that the engine has and the rows have not is nobody's.
    """
    engine = {d.id: d for d in await p.engine.dynos() if d.app_id == app_id}
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, app_id)
        if app is None:
            return None
        release = await release_rows.current(conn, app_id)
        formation = await formation_rows.of_app(conn, app_id)
        dynos = await dyno_rows.of_app(conn, app_id)
        features = await feature_rows.enabled(conn, app_id)
        domains = await domain_rows.of_app(conn, app_id)
        endpoints = await endpoint_rows.of_app(conn, app_id) if domains else []
        pages = await config_rows.pages(conn, app_id)
        challenges = await acm_rows.challenges(conn, app_id) if domains else ()
    return Seen(
        app=app,
        hosts=(*p.place.hosts(app.name), *(d.hostname for d in domains)),
        release=release,
        formation=tuple(formation),
        dynos=tuple(dynos),
        engine=engine,
        route=memory.route,
        now=p.clock.now(),
        probed=frozenset(memory.probed),
        answered=frozenset(memory.answered),
        watched=frozenset(memory.watched),
        idle=frozenset(memory.idle),
        asked=frozenset(memory.asked),
        certificates=certificates.served(p, endpoints, domains),
        challenges=challenges,
        features=features,
        pages=pages,
    )
