"""App set-ups: taken, found, and told. ``setups_run`` carries them out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import apps, sources
from hatoba.control.apps import Beside
from hatoba.control.platform import Actor, Platform
from hatoba.model import config as config_rules
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.model.pipeline import Pipeline, Stage
from hatoba.model.release import Build
from hatoba.model.setup import Purpose, Setup
from hatoba.store import builds as build_rows
from hatoba.store import pipelines as pipeline_rows
from hatoba.store import setups as rows


@dataclass(frozen=True)
class Order:
    """What a set-up is to make of which source: an archive here (it is moved away), or a URL.

    ``env`` and ``buildpacks`` go before those of app.json.
    """

    source: Path | None = None
    url: str | None = None
    version: str | None = None
    checksum: str | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    buildpacks: tuple[str, ...] = ()
    purpose: Purpose = Purpose.APP
    coupling: tuple[Pipeline, Stage] | None = None
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Request:
    """The part of an order that is kept sealed until the set-up has ended."""

    url: str | None
    checksum: str | None
    env: dict[str, str] = field(repr=False)
    buildpacks: list[str]


@dataclass(frozen=True)
class NewApp:
    """The app that is to be set up, by a name or a made-up one; ``founding`` makes it a team's."""

    name: str | None = None
    stack: str | None = None
    region: str | None = None
    founding: Beside | None = None


async def create(p: Platform, actor: Actor, wanted: NewApp, order: Order) -> Setup:
    """Make an empty app and have it set up.

    Raises InvalidParams for a name that can't be had or a config var that can't be.
    """
    check_env(order.env)
    source = await keep(p, order)

    async def beside(conn: AsyncConnection, app: App) -> None:
        if wanted.founding is not None:
            await wanted.founding(conn, app)
        await begin(p, conn, actor, app, order)

    try:
        await apps.create(
            p, actor, name=wanted.name, stack=wanted.stack, region=wanted.region, beside=beside
        )
    except BaseException:
        if source is not None:
            source.unlink(missing_ok=True)
        raise
    return await by_id(p, order.id)


def check_env(env: Mapping[str, str]) -> None:
    """Raise InvalidParams for config vars that can't be."""
    problems = [problem for name in env if (problem := config_rules.name_problem(name))]
    if problem := next(iter(problems), config_rules.size_problem(env)):
        raise errors.InvalidParams(problem)


async def keep(p: Platform, order: Order) -> Path | None:
    """Put an order's archive where it is kept until the end of its set-up. Raises DiskFull."""
    if order.source is None:
        return None
    kept = p.sources / _file(order.id)
    await asyncio.to_thread(sources.move, order.source, kept)
    return kept


def _file(setup_id: UUID) -> str:
    return f"{setup_id}.tar"


def source_path(p: Platform, setup: Setup) -> Path:
    """Return where a set-up's archive is, or will be."""
    return p.sources / _file(setup.id)


async def begin(p: Platform, conn: AsyncConnection, actor: Actor, app: App, order: Order) -> None:
    """Note the set-up of an app that this transaction makes, and have it carried out."""
    if order.coupling is not None:
        pipeline, stage = order.coupling
        await pipeline_rows.couple(conn, pipeline.id, app.id, stage)
    sealed = {
        "url": order.url,
        "checksum": order.checksum,
        "env": dict(order.env),
        "buildpacks": list(order.buildpacks),
    }
    values = {
        "id": order.id,
        "account_id": actor.account.id,
        "app_id": app.id,
        "app_name": app.name,
        "purpose": order.purpose.value,
        "source": _file(order.id) if order.source is not None else None,
        "source_version": order.version,
        "request": p.vault.seal(json.dumps(sealed).encode(), f"setup:{order.id}"),
    }
    await rows.insert(conn, values)
    if order.purpose is Purpose.APP:
        # Review apps and test runs have jobs of their own, of which this is a part.
        await p.jobs.setup(conn, order.id)


async def request(p: Platform, setup: Setup) -> Request:
    """Return what was asked for. Raises NotFound once the set-up has ended."""
    async with p.store.begin() as conn:
        sealed = await rows.request(conn, setup.id)
    if sealed is None:
        raise _unknown()
    return Request(**json.loads(p.vault.unseal(sealed, f"setup:{setup.id}")))


async def by_id(p: Platform, setup_id: UUID) -> Setup:
    """Return a set-up. Raises NotFound."""
    async with p.store.begin() as conn:
        found = await rows.by_id(conn, setup_id)
    if found is None:
        raise _unknown()
    return found


async def find(p: Platform, account: Account, setup_id: UUID | None) -> Setup:
    """Return a set-up that the account has asked for. Raises NotFound."""
    found = await by_id(p, setup_id) if setup_id else None
    if found is None or found.account_id != account.id:
        raise _unknown()
    return found


def _unknown() -> errors.NotFound:
    return errors.NotFound("Couldn't find that app setup.", resource="app_setup")


async def build_of(p: Platform, setup: Setup) -> Build | None:
    """Return a set-up's build, once there is one."""
    async with p.store.begin() as conn:
        return await build_rows.by_id(conn, setup.build_id)
