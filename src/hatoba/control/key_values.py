"""Key-value stores: made, found, set, given another password, destroyed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.addons.key_value import programs
from hatoba.control.platform import Platform
from hatoba.model import key_value as rules
from hatoba.model.addon import Addon
from hatoba.model.key_value import KeyValue
from hatoba.store import key_values as rows

log = structlog.get_logger(__name__)

_COLUMNS = {
    "maxmemory_policy": "policy",
    "timeout": "timeout",
    "notify_keyspace_events": "notify",
}
_TIDY_SECONDS = 60.0


def _read(p: Platform, row: Mapping[str, Any]) -> KeyValue:
    values = dict(row)
    sealed = values.pop("sealed_password")
    password = p.vault.unseal(sealed, _bound(values["id"])).decode()
    return KeyValue(**values, password=password)


def _bound(instance_id: UUID) -> str:
    return f"key-value:{instance_id}"


async def reserve(p: Platform, conn: AsyncConnection, addon: Addon) -> None:
    """Note an instance that is to be made."""
    taken = frozenset(row["port"] for row in await rows.every(conn))
    values = {
        "id": addon.id,
        "plan": addon.plan,
        "port": await p.key_values.free_port(taken),
        "sealed_password": _sealed(p, addon.id, _new_password()),
    }
    await rows.insert(conn, values)


def _new_password() -> str:
    return f"p{secrets.token_hex(32)}"


def _sealed(p: Platform, instance_id: UUID, password: str) -> bytes:
    return p.vault.seal(password.encode(), _bound(instance_id))


async def find(p: Platform, instance_id: UUID) -> KeyValue:
    """Return an instance. Raises NotFound."""
    async with p.store.begin() as conn:
        row = await rows.by_id(conn, instance_id)
    if row is None:
        raise errors.NotFound("Couldn't find that key-value store.", resource="addon")
    return _read(p, row)


async def build(p: Platform, instance_id: UUID) -> None:
    """Have its server run. Idempotent. Raises Unavailable."""
    await _start(p, await find(p, instance_id))


async def _start(p: Platform, instance: KeyValue) -> None:
    """Have a server run; its line of versions is its own from its first start on."""
    await p.key_values.start(instance)
    if instance.version is None:
        line = programs.chosen(await p.key_values.programs(), None).line
        async with p.store.begin() as conn:
            await rows.update(conn, instance.id, {"version": line})
    # What an upgrade kept that a killed daemon was at.
    await p.key_values.forget_before(instance.id)


async def configure(p: Platform, instance_id: UUID, changes: Mapping[str, object]) -> KeyValue:
    """Put settings in force. Raises InvalidParams."""
    for name, value in changes.items():
        if problem := rules.setting_problem(name, value):
            raise errors.InvalidParams(problem)
    columns: dict[str, Any] = {_COLUMNS[name]: value for name, value in changes.items()}
    before = await find(p, instance_id)
    after = replace(before, **columns)
    settings = {name.replace("_", "-"): value for name, value in changes.items()}
    await p.key_values.configure(after, settings)
    async with p.store.begin() as conn:
        await rows.update(conn, instance_id, columns)
    return after


async def change_plan(p: Platform, instance_id: UUID, plan: str) -> None:
    """Put another plan's limits in force. Raises InvalidParams when its data is more."""
    before = await find(p, instance_id)
    after = replace(before, plan=plan)
    used = int((await p.key_values.info(before))["used_memory_dataset"])
    if used > after.limits.memory_bytes:
        raise errors.InvalidParams(
            f"The plan {plan} is too small: the store holds {used // 1024**2 + 1} MB."
        )
    limits = {"maxmemory": after.limits.memory_bytes, "maxclients": after.limits.connections + 5}
    await p.key_values.configure(after, limits)
    async with p.store.begin() as conn:
        await rows.update(conn, instance_id, {"plan": plan})


async def rotate(p: Platform, instance_id: UUID) -> None:
    """Give it another password; the sessions of the one before end."""
    after = replace(await find(p, instance_id), password=_new_password())
    async with p.store.begin() as conn:
        await rows.update(
            conn, instance_id, {"sealed_password": _sealed(p, instance_id, after.password)}
        )
        # The row is only kept when the server has taken it.
        await p.key_values.rotate(after)


async def destroy(p: Platform, instance_id: UUID) -> None:
    """Stop it and delete its data for good. Idempotent."""
    await p.key_values.remove(instance_id)
    async with p.store.begin() as conn:
        await rows.delete(conn, instance_id)


async def begin(p: Platform) -> None:
    """Start or adopt the servers of all instances."""
    async with p.store.begin() as conn:
        there = [_read(p, row) for row in await rows.every(conn)]
    for instance in there:
        try:
            await _start(p, instance)
        except errors.HatobaError as error:
            log.warning("key-value store is away", id=str(instance.id), why=error.message)


async def run(p: Platform) -> None:
    """Remove, without end, what belongs to add-ons that are gone."""
    while True:
        await tidy(p)
        await asyncio.sleep(_TIDY_SECONDS)


async def tidy(p: Platform) -> None:
    """Remove the instances whose add-ons are gone, as those of an app that left the trash."""
    async with p.store.begin() as conn:
        gone = await rows.orphans(conn)
    for instance_id in gone:
        await destroy(p, instance_id)
