"""The connection to Postgres: transactions, migrations and the one leader."""

from __future__ import annotations

import asyncio
import select
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from hatoba import errors

# Any number that is ours alone: it names the advisory lock of the leading daemon.
_LEADER = 0x6861746F6261
# Where a connection keeps what its transaction has written.
_WRITTEN = "hatoba-written"


class Store:
    """Transactions on the control database.

    Every way in raises ``errors.Unavailable`` while Postgres is away.
    """

    def __init__(self, url: str) -> None:
        """Remember where Postgres is; ``url`` is ``postgresql+psycopg://…``."""
        self._url = url
        self._engine: AsyncEngine = create_async_engine(
            url, pool_size=8, max_overflow=24, pool_timeout=10, pool_use_lifo=True
        )
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._leader: AsyncConnection | None = None
        self._age = 0
        sa.event.listen(self._engine.sync_engine, "checkout", _must_be_alive)
        sa.event.listen(self._engine.sync_engine, "before_execute", _note_writing)

    @property
    def age(self) -> int:
        """How many transactions have written something: what was read at this age still holds."""
        return self._age

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Run one transaction: committed at the end, rolled back on an error."""
        written: dict[str, Any] = {}
        try:
            with _told():
                async with self._engine.begin() as conn:
                    # The connection outlives the transaction; what is noted in it must not.
                    (await conn.get_raw_connection()).info[_WRITTEN] = written
                    yield conn
        finally:
            # Also when it is not known whether the commit was carried out.
            self._age += bool(written)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Run queries that change nothing, each for itself: no round trips for a transaction."""
        with _told():
            async with self._reading.connect() as conn:
                yield conn

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


@contextmanager
def _told() -> Iterator[None]:
    """Turn what psycopg says of a database that is away into one error."""
    try:
        yield
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


def _must_be_alive(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401
    """Discard a connection of the pool that the server has closed.

    Nothing is sent to an idle connection but its end, so a look at the socket tells; asking the
    server would cost a round trip each time.
    """
    poll = select.poll()
    poll.register(connection.driver_connection.fileno(), select.POLLIN)
    if poll.poll(0):
        raise sa.exc.DisconnectionError


def _note_writing(conn: sa.Connection, statement: Any, *_: object) -> None:  # noqa: ANN401
    """Note in a transaction that it writes."""
    if not isinstance(statement, sa.SelectBase):
        conn.info.get(_WRITTEN, {})["writes"] = True


def _alembic_config(url: str) -> alembic.config.Config:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
