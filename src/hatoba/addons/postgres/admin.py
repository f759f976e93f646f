"""Databases and roles on a server: made, limited, renamed, dropped. Every step is idempotent."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg import sql

from hatoba.addons.postgres.servers import Servers
from hatoba.model.database import Credential, Database

Session = psycopg.AsyncConnection


async def make(servers: Servers, database: Database, owner: Credential) -> None:
    """Make the database and the role that owns it, which reaches no other database."""
    async with servers.session(database.server) as conn:
        await shut_out(conn, "postgres")
        await shut_out(conn, "template1")
        await put_role(conn, owner)
        if not await exists(conn, database.name):
            await conn.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                    sql.Identifier(database.name), sql.Identifier(owner.role)
                )
            )
        await limit(conn, database)
        await shut_out(conn, database.name)
        if not database.server.shared:
            await _grant(conn, ("pg_monitor", "pg_signal_backend"), owner.role)
    async with servers.session(database.server, database.name) as conn:
        await conn.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


async def limit(conn: Session, database: Database) -> None:
    """Put the plan's number of sessions in force."""
    await conn.execute(
        sql.SQL("ALTER DATABASE {} CONNECTION LIMIT {}").format(
            sql.Identifier(database.name), sql.Literal(database.limits.connections)
        )
    )


async def shut_out(conn: Session, name: str) -> None:
    """Let nobody into a database but its owner and those who are named."""
    await conn.execute(
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
    )


async def verifiers(conn: Session) -> dict[str, str]:
    """Return what the server knows of the passwords of all who may log in but the platform."""
    found = await conn.execute(
        "SELECT rolname, rolpassword FROM pg_authid "
        "WHERE rolcanlogin AND NOT rolsuper AND rolpassword LIKE 'SCRAM-SHA-256$%'"
    )
    return {str(role): str(verifier) for role, verifier in await found.fetchall()}


async def exists(conn: Session, name: str) -> bool:
    """Tell whether the server has such a database."""
    found = await conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    return await found.fetchone() is not None


async def _role_exists(conn: Session, role: str) -> bool:
    found = await conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
    return await found.fetchone() is not None


async def put_role(conn: Session, credential: Credential) -> None:
    """Make the role or give it this password; the server only ever sees its SCRAM verifier."""
    role = sql.Identifier(credential.role)
    if not await _role_exists(conn, credential.role):
        await conn.execute(sql.SQL("CREATE ROLE {} NOSUPERUSER NOCREATEDB").format(role))
    verifier = conn.pgconn.encrypt_password(
        credential.password.encode(), credential.role.encode(), b"scram-sha-256"
    ).decode()
    await conn.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(verifier))
    )


async def _grant(conn: Session, roles: Iterable[str], to: str) -> None:
    for role in roles:
        await conn.execute(
            sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(to))
        )


async def add_credential(
    servers: Servers, database: Database, owner: Credential, made: Credential
) -> None:
    """Make a further role: it may connect, and the owner gives it what else it needs."""
    async with servers.session(database.server, database.name) as conn:
        await put_role(conn, made)
        await conn.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                sql.Identifier(database.name), sql.Identifier(made.role)
            )
        )
        # The owner acts for every credential of its database, and can so repair what they own.
        await _grant(conn, (made.role,), owner.role)


async def drop_credential(
    servers: Servers, database: Database, owner: Credential, gone: Credential
) -> None:
    """End the role's sessions and drop it; what it owned is the owner's from then on."""
    role, heir = sql.Identifier(gone.role), sql.Identifier(owner.role)
    async with servers.session(database.server, database.name) as conn:
        if not await _role_exists(conn, gone.role):
            return
        await conn.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(role))
        await end_sessions(conn, database.name, gone.role)
        await conn.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(role, heir))
        await conn.execute(sql.SQL("DROP OWNED BY {}").format(role))
        await conn.execute(sql.SQL("DROP ROLE {}").format(role))


async def rotate(servers: Servers, database: Database, fresh: Credential, *, end_now: bool) -> None:
    """Give the role a new password; its open sessions go on unless they are ended now."""
    async with servers.session(database.server) as conn:
        await put_role(conn, fresh)
        if end_now:
            await end_sessions(conn, database.name, fresh.role)


async def repair_default(servers: Servers, database: Database, owner: Credential) -> None:
    """Make the default credential own the database and everything that others own in it."""
    heir = sql.Identifier(owner.role)
    async with servers.session(database.server, database.name) as conn:
        others = await conn.execute(
            "SELECT DISTINCT r.rolname FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner "
            "WHERE NOT r.rolsuper AND r.rolname !~ '^pg_' AND r.rolname <> %s "
            "AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
            (owner.role,),
        )
        for (role,) in await others.fetchall():
            reassign = sql.SQL("REASSIGN OWNED BY {} TO {}")
            await conn.execute(reassign.format(sql.Identifier(role), heir))
        await conn.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(database.name), heir)
        )


async def end_sessions(conn: Session, name: str, role: str | None = None) -> int:
    """End all other sessions on the database, or those of one role; return how many."""
    found = await conn.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s "
        "AND pid <> pg_backend_pid() AND (%s::text IS NULL OR usename = %s)",
        (name, role, role),
    )
    return len(await found.fetchall())


async def set_aside(conn: Session, name: str, kept_as: str) -> None:
    """Rename a database so that nobody can connect to it any more. Idempotent."""
    if not await exists(conn, name):
        return
    found = sql.Identifier(name)
    # Nobody can come in between the end of the sessions and the new name.
    await conn.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(found))
    await end_sessions(conn, name)
    await conn.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(found, sql.Identifier(kept_as))
    )


async def take_back(conn: Session, kept_as: str, name: str) -> None:
    """Give a database that was set aside its old name, and let its roles in again."""
    old, new = sql.Identifier(kept_as), sql.Identifier(name)
    if await exists(conn, kept_as):
        await conn.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, new))
    await conn.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(new))


async def drop(conn: Session, name: str, roles: Iterable[str] = ()) -> None:
    """Drop a database with its sessions, and roles that own nothing elsewhere. Idempotent."""
    await conn.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )
    for role in roles:
        if await _role_exists(conn, role):
            await conn.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
            await conn.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


async def may_log_in(conn: Session, roles: Iterable[str], *, allowed: bool) -> None:
    """Let roles log in, or not any more."""
    word = sql.SQL("LOGIN" if allowed else "NOLOGIN")
    for role in roles:
        if await _role_exists(conn, role):
            await conn.execute(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(role), word))


async def let_in_only(conn: Session, roles: Iterable[str]) -> None:
    """Take the right to log in from all roles but these and the superuser."""
    found = await conn.execute(
        "SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper AND rolname <> ALL(%s)",
        (list(roles),),
    )
    await may_log_in(conn, [str(role) for (role,) in await found.fetchall()], allowed=False)


async def only_read(conn: Session, name: str, *, on: bool) -> None:
    """Refuse writes on a database, or take them again; open sessions are ended for it."""
    await conn.execute(
        sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(
            sql.Identifier(name), sql.Literal("on" if on else "off")
        )
    )
    await end_sessions(conn, name)


async def create_extensions(
    servers: Servers, database: Database, extensions: Iterable[str]
) -> None:
    """Create extensions that only a superuser may create."""
    async with servers.session(database.server, database.name) as conn:
        for name in extensions:
            query = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} CASCADE")
            await conn.execute(query.format(sql.Identifier(name)))


async def create_privileged(servers: Servers, database: Database, wanted: Iterable[str]) -> None:
    """Create those of the wanted extensions that the owner may not create."""
    async with servers.session(database.server, database.name) as conn:
        found = await conn.execute(
            "SELECT DISTINCT name FROM pg_available_extension_versions"
            " WHERE name = ANY(%s) AND superuser AND NOT trusted",
            (list(wanted),),
        )
        names = [str(name) for (name,) in await found.fetchall()]
    if names:
        await create_extensions(servers, database, names)


async def reset_statistics(conn: Session) -> None:
    """Count the session's database's statistics from nothing again, and no other's."""
    await conn.execute("SELECT pg_stat_reset()")
    await conn.execute(
        "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database "
        "WHERE datname = current_database()"
    )
