"""Customers' databases: found, made on a server, destroyed into the trash, restored from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.addons.postgres import admin, facts, installations
from hatoba.control import databases_credentials as credentials
from hatoba.control import (
    databases_links,
    databases_rollback,
    databases_settings,
    databases_upgrade_kept,
)
from hatoba.control.databases_rollback import Rollback
from hatoba.control.platform import Platform
from hatoba.model import database as rules
from hatoba.model.database import (
    DEFAULT_CREDENTIAL,
    TRASH_DAYS,
    Credential,
    Database,
    DatabasePlan,
    DatabaseServer,
    DatabaseView,
    State,
    Tier,
)
from hatoba.store import databases as rows
from hatoba.store.databases import Owner

# How long what was destroyed while it was made is left to whoever still makes it.
_MADE_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Wanted:
    """A database to be made; its id is its add-on's. At most one of the sources is given.

    ``major`` is the version of Postgres that is asked for, None for the preferred one.
    """

    id: UUID
    plan: str
    follow: UUID | None = None
    fork: UUID | None = None
    rollback: Rollback | None = None
    major: int | None = None

    @property
    def source(self) -> UUID | None:
        """The database that it is made from."""
        return self.follow or self.fork or (self.rollback.source if self.rollback else None)


@dataclass(frozen=True)
class Around:
    """Whom a database follows, which living one it was forked from, and who follows it."""

    leader: Database | None
    origin: Database | None
    followers: list[Database]


def plan_named(name: str) -> DatabasePlan:
    """Return a plan. Raises InvalidParams with the plans that there are."""
    plan = rules.PLANS.get(name.removeprefix(f"{rules.SERVICE}:"))
    if plan is None:
        there = ", ".join(rules.PLANS)
        raise errors.InvalidParams(f"Couldn't find the plan {name}. There are: {there}.")
    return plan


async def find(p: Platform, database_id: UUID) -> Database:
    """Return a database that is not destroyed. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.find(conn, database_id)
    if found is None or found.state is State.DESTROYED:
        raise errors.NotFound("Couldn't find that database.", resource="database")
    return found


async def owner(p: Platform, identity: str) -> Owner:
    """Return whose a database is, by its add-on's id or name. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.owner(conn, identity)
    if found is None:
        raise errors.NotFound("Couldn't find that database.", resource="database")
    return found


async def around(p: Platform, database: Database) -> Around:
    """Return the databases that a database follows, comes from and is followed by."""
    async with p.store.begin() as conn:
        leader = await rows.find(conn, database.following) if database.following else None
        origin = await rows.find(conn, database.forked_from) if database.forked_from else None
        there = origin if origin and origin.state is not State.DESTROYED else None
        return Around(leader, there, await rows.followers(conn, database.id))


async def view(p: Platform, database: Database) -> DatabaseView:
    """Look at a database; one that is not there yet has nothing. Raises Unavailable."""
    if database.state is not State.AVAILABLE:
        return DatabaseView(str(database.server.major), 0, 0, 0)
    return await facts.of(p.databases, database)


async def end_sessions(p: Platform, database: Database) -> int:
    """End all sessions on a database; return how many there were."""
    async with p.databases.session(database.server) as session:
        return await admin.end_sessions(session, database.name)


async def reset_statistics(p: Platform, database: Database) -> None:
    """Count tables', indexes' and statements' use anew."""
    async with p.databases.session(database.server, database.name) as session:
        await admin.reset_statistics(session)


async def available(p: Platform, database_id: UUID) -> Database:
    """Return a database that can be worked with. Raises NotFound, Conflict while it is made."""
    found = await find(p, database_id)
    if found.state is not State.AVAILABLE:
        why = found.problem or "Wait for it: heroku pg:wait"
        raise errors.Conflict(f"The database is {found.state}. {why}")
    return found


async def reserve(p: Platform, conn: AsyncConnection, wanted: Wanted) -> Database:
    """Note that a database is to be made, and where; ``build`` makes it.

    Raises InvalidParams for a plan that there isn't, or one that can't follow or fork.
    """
    plan = plan_named(wanted.plan)
    source = await _source(conn, plan, wanted)
    if source and wanted.rollback:
        await databases_rollback.check(p, source, wanted.rollback.to)
    await rows.choosing(conn)
    server = await _server(p, conn, plan, await _major(p, wanted, source))
    made = Database(
        id=wanted.id,
        plan=plan.name,
        server=server,
        name=source.name if source else rules.new_name("d"),
        state=State.CREATING,
        created_at=p.clock.now(),
        following=wanted.follow,
        forked_from=wanted.source if not wanted.follow else None,
        recovered_to=wanted.rollback.to if wanted.rollback else None,
    )
    await rows.insert(conn, made)
    if source is None:
        owner = Credential(made.id, DEFAULT_CREDENTIAL, rules.new_name("u"), rules.new_password())
        await credentials.put(p, conn, owner)
    else:
        await credentials.copy(p, conn, source.id, made.id)
    return made


async def _source(conn: AsyncConnection, plan: DatabasePlan, wanted: Wanted) -> Database | None:
    if wanted.source is None:
        return None
    if sum(bool(one) for one in (wanted.follow, wanted.fork, wanted.rollback)) > 1:
        raise errors.InvalidParams(
            "A database is made by one of --follow, --fork and --rollback, not by several."
        )
    found = await rows.find(conn, wanted.source, lock=True)
    if found is None or found.state is not State.AVAILABLE:
        raise errors.InvalidParams("The database to copy is not available.")
    if plan.tier is Tier.ESSENTIAL or found.limits.tier is Tier.ESSENTIAL:
        raise errors.InvalidParams(
            "Followers and forks need a standard plan on both sides: "
            "essential databases share a server. Copy one with heroku pg:copy."
        )
    return found


async def _major(p: Platform, wanted: Wanted, source: Database | None) -> int:
    """Return the version of Postgres that a database gets. Raises InvalidParams."""
    there = await p.databases.installed()
    if source is not None and wanted.major not in (None, source.server.major):
        raise errors.InvalidParams(
            f"A copy has the version of the original, PostgreSQL {source.server.major}. "
            "Upgrade it then: heroku pg:upgrade:run"
        )
    if wanted.major is not None and wanted.major not in there:
        raise errors.InvalidParams(
            f"PostgreSQL {wanted.major} is not installed on this machine. "
            f"There are: {', '.join(str(major) for major in sorted(there))}."
        )
    if source is not None:
        return source.server.major
    return wanted.major or installations.preferred(there).major


async def _server(
    p: Platform, conn: AsyncConnection, plan: DatabasePlan, major: int
) -> DatabaseServer:
    there = await rows.servers(conn)
    shared = plan.tier is Tier.ESSENTIAL
    for server in there:
        if shared and server.shared and server.major == major:
            return server
    port = await p.databases.free_port(await rows.ports(conn), p.place.port)
    made = DatabaseServer(uuid4(), shared, port, major)
    await rows.insert_server(conn, made)
    return made


async def build(p: Platform, database_id: UUID) -> Database:
    """Make what ``reserve`` noted; every step may have been done before. Raises HatobaError."""
    found = await find(p, database_id)
    if found.state is State.AVAILABLE:
        return found
    if found.state is State.FAILED:
        raise errors.Conflict(found.problem or "The database could not be made.")
    if found.following or found.forked_from:
        await _copy(p, found)
    else:
        await admin.make(p.databases, found, await credentials.default(p, found))
    await databases_settings.put_in_force(p, found)
    async with p.store.begin() as conn:
        now = await rows.find(conn, found.id, lock=True)
        if now is None or now.state is not State.CREATING:
            raise errors.Conflict("The database was destroyed before it was made.")
        await rows.update(conn, found.id, state=State.AVAILABLE, problem=None)
    return replace(found, state=State.AVAILABLE)


async def _copy(p: Platform, made: Database) -> None:
    """Fill a new server with a copy of another one, which it follows if it is to."""
    source_id = made.following or made.forked_from
    async with p.store.begin() as conn:
        source = await rows.find(conn, source_id) if source_id else None
    if source is None:
        raise errors.NotFound("The database to copy is gone.", resource="database")
    if made.recovered_to is not None:
        await databases_rollback.fill(p, source, made, made.recovered_to)
    else:
        await p.databases.copy(source.server, made.server, follow=made.following is not None)
    if made.following is None:
        # The original's limits came with it, and its refusal of writes.
        async with p.databases.session(made.server) as session:
            await admin.limit(session, made)
            await admin.only_read(session, made.name, on=False)
        async with p.store.begin() as conn:
            await databases_links.adopt(conn, source.id, made.id)
        await databases_links.settle(p, made)


async def failed(p: Platform, database_id: UUID, why: str, kept: timedelta = timedelta()) -> None:
    """Note that a database could not be made; what there is of it goes after so long."""
    due = p.clock.now() - timedelta(days=TRASH_DAYS) + kept
    async with p.store.begin() as conn:
        await rows.update(conn, database_id, state=State.FAILED, problem=why, destroyed_at=due)


async def change_plan(p: Platform, database_id: UUID, plan_name: str) -> Database:
    """Put another plan's limits in force; a follower has its leader's for as long as it follows.

    Raises InvalidParams between tiers, which would need another server.
    """
    found, plan = await available(p, database_id), plan_named(plan_name)
    if plan.tier is not found.limits.tier:
        raise errors.InvalidParams(
            f"A database can't be moved between {found.limits.tier} and {plan.tier} in place: "
            "create another one, copy to it with heroku pg:copy, then heroku pg:promote it."
        )
    changed = replace(found, plan=plan.name)
    if found.following is None:
        async with p.databases.session(found.server) as session:
            await admin.limit(session, changed)
    async with p.store.begin() as conn:
        await rows.update(conn, found.id, plan=plan.name)
    return changed


async def destroy(p: Platform, database_id: UUID) -> None:
    """Take a database out of service; its content is kept for 7 days. Idempotent.

    One that was not made yet has no content to come back to, and is not kept.
    """
    async with p.store.begin() as conn:
        found = await rows.find(conn, database_id, lock=True)
        if found is None or found.state in (State.DESTROYED, State.FAILED):
            return
        if found.state is State.UPGRADING:
            raise errors.Conflict("The database is being upgraded: heroku pg:upgrade:wait")
        await _check_free(conn, database_id)
        roles = [c.role for c in await rows.credentials(conn, database_id)]
        made = found.state is not State.CREATING
        if made:
            await rows.update(conn, found.id, state=State.DESTROYED, destroyed_at=p.clock.now())
    if not made:
        await failed(p, database_id, "It was destroyed before it was made.", _MADE_WITHIN)
        return
    if not found.server.shared:
        await p.databases.stop(found.server)
        return
    async with p.databases.session(found.server) as session:
        await admin.may_log_in(session, roles, allowed=False)
        await admin.set_aside(session, found.name, _kept_as(found))


async def check_free(p: Platform, database_id: UUID) -> None:
    """Raise Conflict when other databases need this one, with their names."""
    async with p.store.begin() as conn:
        await _check_free(conn, database_id)


async def _check_free(conn: AsyncConnection, database_id: UUID) -> None:
    names = []
    for one in await rows.followers(conn, database_id):
        owner = await rows.owner(conn, str(one.id))
        names.append(owner.addon_name if owner else one.name)
    if names:
        raise errors.Conflict(
            f"The database is followed by {', '.join(names)}. First destroy what follows it, or "
            f"have it follow no more: heroku pg:unfollow {names[0]}"
        )
    await databases_links.check_free(conn, database_id)


async def restore(p: Platform, database_id: UUID) -> Database:
    """Bring a destroyed database back. Raises NotFound when its time is over."""
    async with p.store.begin() as conn:
        found = await rows.find(conn, database_id, lock=True)
        if found is None:
            raise errors.NotFound("That database is not in the trash any more.", resource="addon")
        roles = [c.role for c in await rows.credentials(conn, database_id)]
    if found.server.shared:
        async with p.databases.session(found.server) as session:
            await admin.take_back(session, _kept_as(found), found.name)
            await admin.may_log_in(session, roles, allowed=True)
    else:
        await p.databases.start(found.server)
    async with p.store.begin() as conn:
        await rows.update(conn, found.id, state=State.AVAILABLE, destroyed_at=None)
    await databases_links.settle(p, found)
    return replace(found, state=State.AVAILABLE)


async def purge(p: Platform) -> None:
    """Delete for good what was destroyed more than 7 days ago."""
    async with p.store.begin() as conn:
        gone = await rows.destroyed_before(conn, p.clock.now() - timedelta(days=TRASH_DAYS))
    for database in gone:
        await _purge(p, database)


async def _purge(p: Platform, database: Database) -> None:
    await databases_upgrade_kept.forget(p, database)
    if database.server.shared:
        async with p.store.begin() as conn:
            roles = [c.role for c in await rows.credentials(conn, database.id)]
            aside = [entry.name for entry in await rows.trash(conn, database.id)]
        async with p.databases.session(database.server) as session:
            for name in (_kept_as(database), *aside):
                await admin.drop(session, name)
            await admin.drop(session, database.name, roles)
    else:
        await p.databases.remove(database.server)
    async with p.store.begin() as conn:
        await rows.delete(conn, database.id)
        if not database.server.shared:
            await rows.delete_server(conn, database.server.id)


def _kept_as(database: Database) -> str:
    return f"trash_{database.name}"
