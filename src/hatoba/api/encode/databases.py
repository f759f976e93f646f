"""Databases and credentials as the data API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from hatoba.api.encode.basics import fixed_id, moment
from hatoba.model import database as rules
from hatoba.model.database import Credential, Database, DatabaseView, State, TrashedDatabase
from hatoba.model.database_archive import Protection
from hatoba.schema import databases as wire

_UNITS = ("bytes", "KB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Shown:
    """What is told about a database: its name as an add-on, what was seen, who is around it."""

    name: str
    view: DatabaseView
    credentials: int
    protection: Protection
    leader: Database | None
    origin: Database | None
    followers: Sequence[Database]


def database(one: Database, shown: Shown) -> wire.Database:
    """Return the database as ``pg:info`` reads it."""
    view = shown.view
    leader = address(shown.leader) if shown.leader else None
    return wire.Database(
        addon_id=str(one.id),
        name=shown.name,
        plan=one.plan,
        state=one.state,
        resource_url=address(one),
        following=leader,
        leader=leader,
        created_at=moment(one.created_at),
        postgres_version=view.version,
        database_name=one.name,
        num_bytes=view.size_bytes,
        num_bytes_limit=one.limits.size_bytes,
        num_tables=view.tables,
        num_connections=view.connections,
        num_connections_limit=one.limits.connections,
        info=info(one, shown),
    )


def address(one: Database) -> str:
    """Return a URL that tells a database from others and lets nobody in."""
    return f"postgres://{rules.HOST}:{one.server.port}/{one.name}"


def info(one: Database, shown: Shown) -> list[wire.InfoItem]:
    """Return the lines of ``pg:info`` in Heroku's order."""
    essential = one.limits.tier is rules.Tier.ESSENTIAL
    view = shown.view
    lines = {
        "Plan": one.plan if essential else one.limits.human,
        "Status": _status(one),
        "Connections": f"{view.connections}/{one.limits.connections}",
        "PG Version": view.version,
        "Created": one.created_at.strftime("%Y-%m-%d %H:%M"),
        "Data Size": _size(one, view),
        "Tables": str(view.tables),
        "Fork/Follow": "Unsupported" if essential else "Available",
        "Rollback": _rollback(one, shown.protection),
        "Credentials": str(shown.credentials),
        "Continuous Protection": _protected(shown.protection),
    }
    items = [wire.InfoItem(name, [value]) for name, value in lines.items()]
    if shown.leader is not None:
        items.append(wire.InfoItem("Following", [address(shown.leader)], resolve_db_name=True))
        items.append(wire.InfoItem("Behind By", [_behind(view.behind)]))
    if shown.origin is not None:
        items.append(wire.InfoItem("Forked From", [address(shown.origin)], resolve_db_name=True))
    if shown.followers:
        addresses = [address(follower) for follower in shown.followers]
        items.append(wire.InfoItem("Followers", addresses, resolve_db_name=True))
    return items


def _rollback(one: Database, seen: Protection) -> str:
    """Say it as the dashboards do, which read the moment."""
    if one.limits.tier is rules.Tier.ESSENTIAL or one.following is not None:
        return "Unsupported"
    if seen.earliest is None:
        return "Available once its first base copy is taken"
    return f"earliest from {seen.earliest:%Y-%m-%d %H:%M} UTC"


def _protected(seen: Protection) -> str:
    return "On" if seen.on else f"Off ({seen.problem})" if seen.problem else "Off"


def _status(one: Database) -> str:
    if one.state is not State.AVAILABLE:
        return one.problem or one.state.capitalize()
    return "Available (writes refused: over its size)" if one.over_since else "Available"


def _size(one: Database, view: DatabaseView) -> str:
    limit = one.limits.size_bytes
    share = view.size_bytes / limit * 100
    word = "In compliance" if view.size_bytes <= limit else "Over the limit"
    return f"{human(view.size_bytes)} / {human(limit)} ({share:.2f}%) ({word})"


def human(size: int) -> str:
    """Return a number of bytes as people read it, such as 8.55 MB."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.2f}".rstrip("0").rstrip(".") + f" {_UNITS[unit]}"


def _behind(behind: timedelta | None) -> str:
    return f"{(behind or timedelta()).total_seconds():.0f} seconds"


def waiting(one: Database) -> wire.WaitStatus:
    """Return how far a database is with being made."""
    if one.state in (State.CREATING, State.UPGRADING):
        message = "preparing" if one.state is State.CREATING else "upgrading"
        return wire.WaitStatus(waiting=True, error=False, message=message)
    if one.state is State.AVAILABLE:
        return wire.WaitStatus(waiting=False, error=False, message="available")
    return wire.WaitStatus(waiting=False, error=True, message=one.problem or one.state)


def credential(database: Database, one: Credential, sessions: Mapping[str, int]) -> wire.Credential:
    """Return a credential with its password."""
    login = wire.Login(one.role, one.password, "active", sessions.get(one.role, 0))
    return wire.Credential(
        uuid=fixed_id("credential", f"{one.database_id}/{one.name}"),
        name=one.name,
        state="active",
        database=database.name,
        host=rules.HOST,
        port=database.server.port,
        credentials=[login],
    )


def kept(entry: TrashedDatabase) -> wire.Kept:
    """Return what can be taken back."""
    until = entry.created_at + timedelta(days=rules.TRASH_DAYS)
    return wire.Kept(str(entry.id), moment(entry.created_at), moment(until))
