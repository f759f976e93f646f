"""What providers do here, as Heroku's Platform API for Partners has it."""

from __future__ import annotations

from collections.abc import Mapping

from hatoba import errors
from hatoba.control import attachments, catalogue, providers
from hatoba.control import providers_resources as resources
from hatoba.control.platform import Actor, Platform
from hatoba.control.providers_drains import drain_of
from hatoba.model.addon import Addon, AddonState
from hatoba.model.drain import url_problem
from hatoba.model.provider import Holding
from hatoba.store import addons as addon_rows
from hatoba.store import providers as rows

# A provider may call back before it has answered, and then our job waits for it in turn.
_PATIENCE_SECONDS = 2.0


async def config(p: Platform, addon: Addon, credential: str = "default") -> dict[str, str]:
    """Return an add-on's config vars under the names that its service gives them.

    Raises NotFound for a credential that there is not.
    """
    service = await catalogue.service_of(p, addon)
    found = await service.values(p, addon, credential)
    return {f"{service.primary}_{suffix}": value for suffix, value in found.items()}


async def set_config(
    p: Platform, actor: Actor, addon: Addon, changes: Mapping[str, str | None]
) -> dict[str, str]:
    """Change config vars; apps get them at once, but for an add-on that is still being made.

    Raises InvalidParams for names that its manifest does not have.
    """
    provider = (await providers.find(p, addon.service)).provider
    if foreign := sorted(set(changes) - set(provider.config_vars)):
        raise errors.InvalidParams(f"{foreign[0]} is not a config var of {provider.id}'s manifest.")
    async with p.store.begin() as conn:
        row = await rows.resource(conn, addon.id, lock=True)
        if row is None:
            raise errors.NotFound("Couldn't find that add-on.", resource="add_on")
        merged = {**resources.opened(p, row).config, **changes}
        after = {name: value for name, value in merged.items() if value is not None}
        await rows.update(conn, addon.id, sealed_config=resources.sealed(p, addon.id, after))
        now = await addon_rows.by_id(conn, addon.id)
    if now is not None and now.state is AddonState.PROVISIONED:
        await attachments.publish(p, actor, addon, await catalogue.service_of(p, addon))
    return await config(p, addon)


async def redirect(p: Platform, addon: Addon, url: str) -> None:
    """Send the app's lines to another address of the provider's. Raises InvalidParams."""
    if problem := url_problem(url):
        raise errors.InvalidParams(problem)
    await drain_of(p, addon, (await providers.find(p, addon.service)).provider, url)


async def provisioned(p: Platform, addon: Addon) -> Addon:
    """Take the provider's word that it has made an add-on. Idempotent.

    Raises Conflict for one that is being destroyed, or was never asked for.
    """
    return await _told(p, addon, Holding.HELD, "provisioning", AddonState.PROVISIONED)


async def deprovisioned(p: Platform, addon: Addon) -> Addon:
    """Take the provider's word that it holds nothing any more.

    One that it could not make is given up; one that is in use can't be taken away like that.
    """
    return await _told(p, addon, Holding.GONE, "deprovisioning", AddonState.DEPROVISIONED)


async def _told(
    p: Platform, addon: Addon, holding: Holding, during: str, done: AddonState
) -> Addon:
    async with p.store.begin() as conn:
        now = await addon_rows.by_id(conn, addon.id, lock=True)
        row = await rows.resource(conn, addon.id, lock=True)
        if now is None or row is None:
            raise errors.NotFound("Couldn't find that add-on.", resource="add_on")
        if now.state is done:
            return now
        giving_up = holding is Holding.GONE and now.state is AddonState.PROVISIONING
        if now.state != during and not giving_up:
            raise errors.Conflict(f"{now.name} is {now.state}.")
        await rows.update(conn, addon.id, state=holding.value)
        state = AddonState.DEPROVISIONING if giving_up else now.state
        await addon_rows.update(conn, addon.id, due=None, state=state)
        ended = await p.jobs.addon(conn, addon.id)
    await ended(_PATIENCE_SECONDS)
    async with p.store.begin() as conn:
        after = await addon_rows.by_id(conn, addon.id)
    return after or now
