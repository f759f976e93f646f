"""The connection to Postgres: transactions, migrations and the one leader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import alembic.command
import alembic.config
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from hatoba import errors

# Any number that is ours alone: it names the advisory lock of the leading daemon.
_LEADER = 0x6861746F6261


class Store:
    """Transactions on the control database.

    Every way in raises ``errors.Unavailable`` while Postgres is away.
    """

    def __init__(self, url: str) -> None:
        """Remember where Postgres is; ``url`` is ``postgresql+psycopg://…``."""
        self._url = url
        self._engine: AsyncEngine = create_async_engine(
            url, pool_size=8, max_overflow=16, pool_pre_ping=True, pool_timeout=10
        )
        self._leader: AsyncConnection | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Run one transaction: committed at the end, rolled back on an error."""
        try:
            async with self._engine.begin() as conn:
                yield conn
        except (OperationalError, InterfaceError, sa.exc.TimeoutError) as error:
            raise errors.Unavailable(
                "The platform's database is away; it is being restarted. Try again in a moment."
            ) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise errors.Unavailable(
                    "The platform's database went away in the middle; nothing was changed."
                ) from error
            raise

    async def migrate(self) -> None:
        """Bring the tables up to date."""
        await asyncio.to_thread(alembic.command.upgrade, _alembic_config(self._url), "head")

    async def lead(self) -> bool:
        """Try to become the one daemon that leads; False when another one does."""
        leader = await self._engine.connect()
        got = await leader.scalar(sa.select(sa.func.pg_try_advisory_lock(_LEADER)))
        await leader.commit()
        if not got:
            await leader.close()
            return False
        self._leader = leader
        return True

    async def close(self) -> None:
        """Let go of every connection, and with them of the lead."""
        if self._leader is not None:
            await self._leader.close()
        await self._engine.dispose()


def _alembic_config(url: str) -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
