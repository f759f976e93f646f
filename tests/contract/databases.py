"""Customers' Postgres servers for tests, an old and a new one, and databases on them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from hatoba.addons.postgres import admin
from hatoba.addons.postgres.place import ServersPlace
from hatoba.addons.postgres.servers import Servers
from hatoba.addons.postgres.transfer import Tools
from hatoba.model.database import (
    Credential,
    Database,
    DatabaseServer,
    State,
    new_name,
    new_password,
)


@dataclass(frozen=True)
class Harbour:
    """Servers by ``old`` and ``new``; the same one where the machine has one version only."""

    servers: Servers
    by_age: dict[str, DatabaseServer]
    tools: Tools

    async def database(self, which: str = "old") -> tuple[Database, Credential]:
        """Make a database as customers get it, and its owner."""
        server = self.by_age[which]
        now = datetime.now(UTC)
        made = Database(uuid4(), "essential-0", server, new_name("d"), State.AVAILABLE, now)
        owner = Credential(made.id, "default", new_name("u"), new_password())
        await admin.make(self.servers, made, owner)
        return made, owner

    async def url(self, which: str = "old") -> str:
        """Make a database; return its owner's URL."""
        database, owner = await self.database(which)
        return owner.url(database)

    async def drop(self, url: str) -> None:
        """Drop a database with its sessions, as a destroyed add-on's is."""
        parts = urlsplit(url)
        server = next(s for s in self.by_age.values() if s.port == parts.port)
        async with self.servers.session(server) as conn:
            await admin.drop(conn, parts.path.removeprefix("/"))


@asynccontextmanager
async def harbour() -> AsyncIterator[Harbour]:
    """Start the servers, and remove them in the end."""
    folder = Path(tempfile.mkdtemp(prefix="hatoba-tr-"))
    folder.chmod(0o755)
    servers = Servers(ServersPlace(folder, folder / "work", folder / "run"), notice=lambda _: None)
    try:
        there = await servers.installed()
        by_age: dict[str, DatabaseServer] = {}
        for age, major in (("old", min(there)), ("new", max(there))):
            taken = frozenset(one.port for one in by_age.values())
            port = await servers.free_port(taken, 4400)
            by_age[age] = DatabaseServer(uuid4(), True, port, major)
            await servers.start(by_age[age], 50)
        yield Harbour(servers, by_age, Tools.of(there))
    finally:
        await servers.close()
        shutil.rmtree(folder)
