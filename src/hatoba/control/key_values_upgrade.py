"""Key-value stores brought to a newer version: restarted on it, and seen to hold what they held.

https://devcenter.heroku.com/articles/heroku-key-value-store-version-upgrade
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from hatoba import errors
from hatoba.addons.key_value import programs
from hatoba.addons.key_value.programs import Valkey
from hatoba.control import key_values
from hatoba.control.platform import Platform
from hatoba.model.key_value import KeyValue
from hatoba.store import key_values as rows

_going = set[UUID]()


async def upgrade(p: Platform, instance_id: UUID, version: str) -> str:
    """Have a store run a newer version, such as 9.1; return which one it is.

    Its clients are cut off for a moment. Raises InvalidParams for a version that is not newer or
    not there, Conflict while it is upgraded, and Unavailable when the newer one doesn't hold the
    same keys: the store is then as it was.
    """
    if instance_id in _going:
        raise errors.Conflict("The store is being upgraded: heroku redis:wait")
    _going.add(instance_id)
    try:
        instance = await key_values.find(p, instance_id)
        there = await p.key_values.programs()
        before = await p.key_values.info(instance)
        target = _target(there, programs.running(before), version)
        await _move(p, instance, target)
    finally:
        _going.discard(instance_id)
    return target.text


def _target(there: Sequence[Valkey], running: tuple[int, int, int], version: str) -> Valkey:
    found, now = programs.named(there, version), ".".join(map(str, running))
    newer = [one.text for one in there if one.version > running]
    if found is not None and found.version > running:
        return found
    if newer:
        raise errors.InvalidParams(
            f"The store runs Valkey {now}. It can be upgraded to: {', '.join(newer)}."
        )
    raise errors.InvalidParams(
        f"The store runs Valkey {now}, the newest that this platform has. A newer one comes with "
        "Hatoba, or with your system's package valkey-server."
    )


async def _move(p: Platform, instance: KeyValue, target: Valkey) -> None:
    servers = p.key_values
    await servers.pause(instance)
    before = await servers.info(instance)
    moved = replace(instance, version=target.line)
    await servers.stop(instance.id)
    try:
        await servers.keep_before(instance.id)
        # A platform that is killed now goes on with the newer one.
        await _note(p, moved)
        await servers.start(moved)
        after = await servers.info(moved)
        if programs.running(after) != target.version or lost(before, after):
            raise errors.Unavailable("the newer server does not hold the same keys")
    except (errors.HatobaError, OSError) as error:
        await servers.stop(instance.id)
        await servers.take_before(instance.id)
        await _note(p, instance)
        await servers.start(instance)
        why = error.message if isinstance(error, errors.HatobaError) else str(error.strerror)
        raise errors.Unavailable(
            f"The store could not be upgraded and is as it was: {why}."
        ) from error
    await servers.forget_before(instance.id)


def lost(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether a store has fewer keys than before, those that may expire aside. Pure."""
    databases = {name: held for name, held in before.items() if name.removeprefix("db").isdigit()}
    for name, held in databases.items():
        there = after.get(name) or {"keys": 0}
        if there["keys"] < held["keys"] - held.get("expires", 0):
            return True
    return False


async def _note(p: Platform, instance: KeyValue) -> None:
    async with p.store.begin() as conn:
        await rows.update(conn, instance.id, {"version": instance.version})
