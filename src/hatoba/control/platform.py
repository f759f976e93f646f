"""What every use case may touch, and who asks for it. Wired once, in ``server``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.acme.base import Authority
from hatoba.addons.key_value.servers import KeyValueServers
from hatoba.addons.partner.client import PartnerClient
from hatoba.addons.postgres.servers import Servers
from hatoba.build.base import Builder
from hatoba.control.backups_files import BackupFiles
from hatoba.control.place import Place
from hatoba.control.pump import Pump
from hatoba.control.sessions import Sessions
from hatoba.control.traffic import Traffic
from hatoba.control.vault import Vault
from hatoba.engines.base import Engine
from hatoba.images.files import BlobFiles
from hatoba.kit.clock import Clock
from hatoba.logs.base import Logs
from hatoba.logs.drains.courier import Courier
from hatoba.logs.streams import OutputStreams
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.router.base import Router
from hatoba.store import apps as app_rows
from hatoba.store import webhooks as webhook_rows
from hatoba.store.database import Store


class Lanes(Protocol):
    """The reconcilers, one lane an app."""

    def nudge(self, app_id: UUID) -> None:
        """Look at the app soon: something about it was changed."""
        ...

    async def settle(self, app_id: UUID) -> None:
        """Look at the app now; return when the routes that follow from its state are in force."""
        ...

    async def until(self, app_id: UUID, seen: Callable[[], Awaitable[bool]]) -> None:
        """Wait until ``seen`` says yes; it is asked again after each change of the app's dynos."""
        ...


Ended = Callable[[float], Awaitable[None]]
"""Waits so many seconds for the end of a job, and raises what it ended with."""


class Jobs(Protocol):
    """Durable work: a row in Postgres is the truth, a job only says where to look."""

    async def build(self, conn: AsyncConnection, build_id: UUID, app_id: UUID) -> None:
        """Have the build carried out once this transaction is committed."""
        ...

    async def release(self, conn: AsyncConnection, release_id: UUID, app_id: UUID) -> None:
        """Have the release phase carried out once this transaction is committed."""
        ...

    async def transfer(self, conn: AsyncConnection, transfer_id: UUID) -> None:
        """Have the transfer carried out once this transaction is committed."""
        ...

    async def addon(self, conn: AsyncConnection, addon_id: UUID) -> Ended:
        """Have done what is to be done about an add-on, once this transaction is committed."""
        ...

    async def followers(self, conn: AsyncConnection, leader_id: UUID) -> None:
        """Have a database's followers brought to its version once this transaction is committed."""
        ...

    async def review_app(self, conn: AsyncConnection, review_app_id: UUID) -> None:
        """Have done what is to be done about a review app, once this transaction is committed."""
        ...

    async def test_run(self, conn: AsyncConnection, run_id: UUID) -> None:
        """Have done what is to be done about a test run, once this transaction is committed."""
        ...

    async def setup(self, conn: AsyncConnection, setup_id: UUID) -> None:
        """Have the app set-up carried out once this transaction is committed."""
        ...

    def cancel(self, row_id: UUID) -> None:
        """Stop the build or transfer if it is being carried out."""
        ...


class Couriers(Protocol):
    """Those who carry the apps' lines to their log drains."""

    async def settle(self) -> None:
        """Begin and end couriers as the drains are now."""
        ...

    def of(self, drain_id: UUID) -> Courier | None:
        """Return the drain's courier, None for one that has none."""
        ...

    async def close(self) -> None:
        """End all couriers; they go on from there at the next start."""
        ...


@dataclass(frozen=True)
class Platform:
    """Everything that a use case may touch.

    ``sources`` is the folder of kept source archives, ``repositories`` that of the apps' git
    repositories. ``builders`` are the images by which apps on the stack cnb may be built, the
    usual one first. ``release_days`` is for how long every release can be rolled back to,
    ``unreleased_bytes`` how much an app may have in the registry that no release runs.
    """

    store: Store
    vault: Vault
    engine: Engine
    router: Router
    logs: Logs
    streams: OutputStreams
    builder: Builder
    images: BlobFiles
    clock: Clock
    place: Place
    sources: Path
    repositories: Path
    pump: Pump
    sessions: Sessions
    lanes: Lanes
    jobs: Jobs
    couriers: Couriers
    databases: Servers
    backups: BackupFiles
    key_values: KeyValueServers
    partners: PartnerClient
    authority: Authority
    traffic: Traffic
    builders: tuple[str, ...] = ()
    release_days: int = 30
    unreleased_bytes: int = 10 * 1024**3


@dataclass(frozen=True)
class Actor:
    """Who asks, and which version of the app's state they have reviewed (None: any)."""

    account: Account
    reviewed: int | None = None


async def locked(conn: AsyncConnection, actor: Actor, app: App) -> App:
    """Lock the app for a change and return it as it is now.

    Raises ``NotFound`` when it was destroyed meanwhile and ``StaleReview`` when its state is no
    longer the one that the actor has reviewed.
    """
    now = await app_rows.by_id(conn, app.id, lock=True)
    if now is None or now.destroyed_at is not None:
        raise errors.NotFound("Couldn't find that app.", resource="app")
    if actor.reviewed is not None and actor.reviewed != now.version:
        raise errors.StaleReview(
            f"{now.name} has changed since it was reviewed (state {actor.reviewed}, "
            f"now {now.version}). Nothing was changed: review again."
        )
    await webhook_rows.acting(conn, actor.account.id)
    return now


async def reviewed(p: Platform, actor: Actor, app: App) -> App:
    """Return the app as it is now; raises as ``locked`` does, for work outside a transaction."""
    async with p.store.begin() as conn:
        return await locked(conn, actor, app)
