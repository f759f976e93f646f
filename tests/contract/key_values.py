"""Key-value stores on an older version, for tests of what comes of a newer one."""

from __future__ import annotations

from uuid import UUID

from hatoba.addons.key_value import programs
from hatoba.addons.key_value.programs import Valkey
from hatoba.control import key_values
from hatoba.control.platform import Platform
from hatoba.kit.files import write_atomic
from hatoba.store import key_values as rows
from hatoba.store.postgres_files import owner

_OLD = (9, 0, 9)


async def older(p: Platform) -> Valkey:
    """Put a server beside Hatoba's own that is the same but for what it says it is."""
    work_dir = p.key_values.place.work_dir
    newest = (await programs.found(work_dir, await owner()))[-1]
    old = Valkey(_OLD, work_dir / "valkey-old")
    told = old.text.encode().ljust(len(newest.text), b"\0")
    content = newest.path.read_bytes().replace(newest.text.encode() + b"\0", told + b"\0")
    work_dir.mkdir(parents=True, exist_ok=True)
    write_atomic(old.path, content, mode=0o755)
    old.path.chmod(0o755)
    return old


async def move(p: Platform, store_id: UUID, line: str) -> None:
    """Have a store run on a line of versions."""
    await p.key_values.stop(store_id)
    async with p.store.begin() as conn:
        await rows.update(conn, store_id, {"version": line})
    await key_values.build(p, store_id)
