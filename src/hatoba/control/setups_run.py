"""What the job of an app set-up does, step by step; each step finds what was done of it.

Nothing is decided by how far an earlier attempt came, but by what there is: config vars that the
app has are left alone, add-ons and the build have names that follow from the set-up's.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

import structlog

from hatoba import errors
from hatoba.build import source
from hatoba.control import (
    addons,
    apps,
    builds,
    catalogue,
    commands,
    config,
    discards,
    formation,
    setups,
    sources,
)
from hatoba.control import buildpacks as app_buildpacks
from hatoba.control.commands import Command
from hatoba.control.platform import Actor, Platform
from hatoba.control.services import Service, plan_of
from hatoba.control.setups import Request
from hatoba.kit.text import listing
from hatoba.model import addon as addon_rules
from hatoba.model import app_json
from hatoba.model.addon import AddonState
from hatoba.model.app import App
from hatoba.model.app_json import AddonWish, Manifest, ManifestError, Script
from hatoba.model.formation import FormationUpdate
from hatoba.model.release import Release, Status
from hatoba.model.setup import MAX_OUTPUT, POSTDEPLOY, Purpose, Setup
from hatoba.store import accounts as account_rows
from hatoba.store import apps as app_rows
from hatoba.store import builds as build_rows
from hatoba.store import dynos as dyno_rows
from hatoba.store import formations as formation_rows
from hatoba.store import releases as release_rows
from hatoba.store import setups as rows

log = structlog.get_logger("setups")

# https://devcenter.heroku.com/articles/app-json-schema#env: 64 hexadecimal digits.
_SECRET_BYTES = 32
# Plans that live inside a test's dyno at Heroku; here they are add-ons of the throw-away app.
_IN_DYNO = ":in-dyno"
# How long an add-on may take, and how often it is looked at meanwhile.
_ADDON_SECONDS, _LOOK_SECONDS = 1800.0, 0.5


@dataclass(frozen=True)
class _Work:
    """One set-up with what it is made of."""

    setup: Setup
    actor: Actor
    app: App
    request: Request
    manifest: Manifest

    @property
    def stack(self) -> str:
        """The stack that the app is to have."""
        return self.manifest.texts.get("stack", self.app.stack)


async def carry_out(p: Platform, setup_id: UUID) -> None:
    """Carry out a pending set-up; after an interruption, what is left of it."""
    async with p.store.begin() as conn:
        setup = await rows.by_id(conn, setup_id)
    if setup is None or setup.status is not Status.PENDING:
        return
    if setup.failure_message is None:
        problem = await _attempt(p, setup)
        if problem is None:
            await _end(p, setup, Status.SUCCEEDED)
            return
        await _note(p, setup, problem)
    await _clear(p, setup)
    await _end(p, setup, Status.FAILED)


async def give_up(p: Platform, setup_id: UUID) -> None:
    """End a set-up whose app is destroyed in the middle of it."""
    async with p.store.begin() as conn:
        setup = await rows.by_id(conn, setup_id)
    if setup is not None and setup.status is Status.PENDING:
        why = "It was destroyed before its end."
        async with p.store.begin() as conn:
            await rows.update(conn, setup.id, failure_message=why)
            built = await build_rows.end(conn, setup.build_id, Status.FAILED, message=why)
        if built:
            p.jobs.cancel(setup.build_id)
            p.streams.finish(setup.build_id)
        await _end(p, setup, Status.FAILED)


async def _attempt(p: Platform, setup: Setup) -> errors.HatobaError | ManifestError | None:
    """Go through all steps; return why it can't be."""
    try:
        await _go(p, setup)
    except errors.DiskFull as error:
        return error
    except errors.Unavailable:
        # The job is tried again once the part that is away has come back.
        raise
    except (errors.HatobaError, ManifestError) as error:
        return error
    except asyncio.CancelledError:
        raise
    except Exception:
        log.exception("a set-up broke", setup_id=str(setup.id))
        return errors.HatobaError("The platform failed while setting up; its log says why.")
    return None


async def _note(p: Platform, setup: Setup, why: errors.HatobaError | ManifestError) -> None:
    """Keep the reason first, so that whatever interrupts the clearing, it goes on as that."""
    problems = why.problems if isinstance(why, ManifestError) else []
    text = "app.json is not valid" if isinstance(why, ManifestError) else why.message
    async with p.store.begin() as conn:
        await rows.update(conn, setup.id, failure_message=text, manifest_errors=problems)
    p.logs.event(setup.app_id, f"Setup failed: {text}")


async def _clear(p: Platform, setup: Setup) -> None:
    """Take the app away unless something was built for it: that can be looked into."""
    if await setups.build_of(p, setup) is None or setup.purpose is Purpose.TEST:
        actor = await _actor(p, setup)
        await discards.discard(p, actor.account, setup.app_id)


async def _end(p: Platform, setup: Setup, status: Status) -> None:
    async with p.store.begin() as conn:
        await rows.end(conn, setup.id, status)
        await dyno_rows.delete(conn, setup.postdeploy_id)
    setups.source_path(p, setup).unlink(missing_ok=True)
    p.streams.finish(setup.postdeploy_id)


async def _actor(p: Platform, setup: Setup) -> Actor:
    async with p.store.begin() as conn:
        account = await account_rows.by_id(conn, setup.account_id)
    if account is None:
        raise errors.NotFound("The account that asked for it is gone.")
    return Actor(account)


async def _app(p: Platform, setup: Setup) -> App:
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, setup.app_id)
    if app is None or app.destroyed_at is not None:
        raise errors.NotFound("The app was destroyed while it was being set up.")
    return app


async def _go(p: Platform, setup: Setup) -> None:
    app, actor, request = (
        await _app(p, setup),
        await _actor(p, setup),
        await setups.request(p, setup),
    )
    await _fetch(p, setup, request)
    work = _Work(setup, actor, app, request, await _manifest(p, setup))
    _check(p, work, await catalogue.services(p))
    await _configure(p, work)
    for number, wish in enumerate(work.manifest.addons or ()):
        await _add(p, work, number, wish)
    release = await _build(p, work)
    await _scale(p, work)
    if (script := work.manifest.scripts.get(POSTDEPLOY)) and setup.purpose is not Purpose.TEST:
        await _postdeploy(p, work, release, script)
    url = work.manifest.success_url(p.place.web_url(app.name))
    async with p.store.begin() as conn:
        await rows.update(conn, setup.id, success_url=url)


async def _fetch(p: Platform, setup: Setup, request: Request) -> None:
    kept = setups.source_path(p, setup)
    if setup.source is not None or request.url is None:
        return
    part = kept.with_suffix(".part")
    part.unlink(missing_ok=True)
    try:
        await sources.fetch(request.url, part)
        await sources.check(part, request.checksum)
        part.rename(kept)
    finally:
        part.unlink(missing_ok=True)
    async with p.store.begin() as conn:
        await rows.update(conn, setup.id, source=kept.name)


async def _manifest(p: Platform, setup: Setup) -> Manifest:
    path = setups.source_path(p, setup)
    raw = await asyncio.to_thread(source.read, path, app_json.FILE, app_json.MAX_BYTES + 1)
    if raw is None:
        if setup.purpose.needs_manifest:
            raise errors.InvalidParams("There is no app.json at the root of the source.")
        return Manifest()
    if len(raw) > app_json.MAX_BYTES:
        raise ManifestError(["app.json is longer than 256 KB."])
    found = app_json.parse(raw.decode(errors="replace")).within(setup.purpose.value)
    scripts = {name: asdict(script) for name, script in found.scripts.items()}
    async with p.store.begin() as conn:
        await rows.update(conn, setup.id, scripts=scripts)
    return found


def _check(p: Platform, work: _Work, services: Mapping[str, Service]) -> None:
    """Look at everything that can be known beforehand. Raises ManifestError, InvalidParams."""
    problems = []
    try:
        apps.check_stack(p, work.stack)
    except errors.InvalidParams as error:
        problems.append(f"stack: {error.message.removeprefix('Stack ')}")
    for number, wish in enumerate(work.manifest.addons or ()):
        try:
            plan_of(services, _plan(work, wish))
        except errors.HatobaError as error:
            problems.append(f"addons[{number}]: {error.message}")
    if problems:
        raise ManifestError(problems)
    if missing := work.manifest.missing(work.request.env):
        raise errors.InvalidParams(
            f"app.json requires {listing(missing)}, without a value. Give "
            f"{'it' if len(missing) == 1 else 'them'} with the set-up, or to the pipeline's stage."
        )


def _plan(work: _Work, wish: AddonWish) -> str:
    if work.setup.purpose is Purpose.TEST:
        return wish.plan.removesuffix(_IN_DYNO)
    return wish.plan


async def _configure(p: Platform, work: _Work) -> None:
    if work.stack != work.app.stack:
        await apps.update(p, work.actor, work.app, build_stack=work.stack)
    there = await config.current(p, work.app)
    known = {**work.request.env, **there}
    wanted = work.manifest.values(known, lambda: secrets.token_hex(_SECRET_BYTES))
    changes = {name: value for name, value in wanted.items() if name not in there}
    if changes:
        await config.change(p, work.actor, work.app, changes)
    urls = tuple(work.request.buildpacks) or work.manifest.buildpacks or ()
    if urls:
        await app_buildpacks.replace(p, work.actor, work.app, urls)


async def _add(p: Platform, work: _Work, number: int, wish: AddonWish) -> None:
    plan = _plan(work, wish)
    service, _ = plan_of(await catalogue.services(p), plan)
    # The same name at each attempt: so an earlier one's add-on is found.
    dice = random.Random(f"{work.setup.id} {number}")  # noqa: S311 a name, not a secret
    name = addon_rules.addon_name(service.prefix, dice)
    found = next((a for a in await addons.of_app(p, work.app) if a.name == name), None)
    if found is None:
        order = addons.Order(plan, name, wish.attachment, wish.options)
        try:
            found = await addons.create(p, work.actor, work.app, order)
        except errors.NotFound as error:
            raise errors.InvalidParams(f"{plan}: {error.message}") from error
    until = p.clock.monotonic() + _ADDON_SECONDS
    while (now := await _state(p, name)) is AddonState.PROVISIONING:
        if p.clock.monotonic() > until:
            raise errors.InvalidParams(f"The add-on {plan} was not made within half an hour.")
        await p.clock.sleep(_LOOK_SECONDS)
    if now is not AddonState.PROVISIONED:
        raise errors.InvalidParams(f"The add-on {plan} could not be made.")


async def _state(p: Platform, name: str) -> AddonState:
    try:
        return (await addons.find(p, name)).state
    except errors.NotFound:
        return AddonState.DEPROVISIONED


async def _build(p: Platform, work: _Work) -> Release:
    """Have the source built, and wait until it is released."""
    setup = work.setup
    if await setups.build_of(p, setup) is None:
        if setup.purpose is Purpose.TEST:
            await _no_web(p, work)
        part = p.sources / f"{setup.build_id}.part"
        part.unlink(missing_ok=True)
        await asyncio.to_thread(os.link, setups.source_path(p, setup), part)
        order = builds.Order(part, setup.source_version, id=setup.build_id)
        await builds.create(p, work.actor, work.app, order)
    async for _ in p.streams.follow(setup.build_id):
        pass
    build = await setups.build_of(p, setup)
    async with p.store.begin() as conn:
        release_id = build.release_id if build else None
        release = await release_rows.by_id(conn, release_id) if release_id else None
    if build is None or release is None or build.status is not Status.SUCCEEDED:
        why = build.message if build else None
        raise errors.BuildFailed(why or "The build failed; its output says why.")
    return release


async def _no_web(p: Platform, work: _Work) -> None:
    """Keep a test's app from serving: a known process type keeps its quantity."""
    values = {"app_id": work.app.id, "type": "web", "command": "", "quantity": 0, "size": "Basic"}
    async with p.store.begin() as conn:
        await formation_rows.put(conn, values)


async def _scale(p: Platform, work: _Work) -> None:
    wanted = work.manifest.formation or {}
    if not wanted or work.setup.purpose is Purpose.TEST:
        return
    updates = [FormationUpdate(t, one.quantity, size=one.size) for t, one in wanted.items()]
    await formation.update(p, work.actor, work.app, updates)


async def _postdeploy(p: Platform, work: _Work, release: Release, script: Script) -> None:
    setup = work.setup
    if setup.postdeploy_status is None:
        command = Command(setup.postdeploy_id, POSTDEPLOY, script.command)
        if script.size:
            command = Command(command.id, command.type, command.line, script.size)
        status = await commands.run(p, release, command)
        text = p.streams.tail(setup.postdeploy_id, MAX_OUTPUT).decode(errors="replace")
        async with p.store.begin() as conn:
            await rows.update(
                conn,
                setup.id,
                postdeploy_status=255 if status is None else status,
                postdeploy_output=text.replace("\0", ""),
            )
        setup = await setups.by_id(p, setup.id)
    if setup.postdeploy_status != 0:
        raise errors.ReleaseFailed("postdeploy exit code was not 0")
