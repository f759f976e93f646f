"""Log drains that providers ask for: one an add-on, with the add-on's id as its own."""

from __future__ import annotations

from hatoba.control import drains
from hatoba.control.platform import Platform
from hatoba.control.providers_resources import Away
from hatoba.model import provider as rules
from hatoba.model.addon import Addon
from hatoba.model.drain import url_problem
from hatoba.model.provider import Provider
from hatoba.store import drains as rows


async def drain_of(p: Platform, addon: Addon, provider: Provider, url: object) -> None:
    """Send the app's lines to where its provider wants them. Raises Away for what it may not."""
    if rules.DRAINS not in provider.requires:
        raise Away(
            f"The provider of {provider.id} gave a log drain, which its manifest does not ask for."
        )
    if not isinstance(url, str) or url_problem(url):
        raise Away(f"The provider of {provider.id} gave a log drain that is no address.")
    async with p.store.begin() as conn:
        await rows.delete(conn, addon.id)
        await rows.insert(conn, addon.id, addon.app_id, drains.sealed(p, addon.id, url))
    await p.couriers.settle()


async def forget_drain(p: Platform, addon: Addon) -> None:
    """Send no more lines there. Idempotent."""
    async with p.store.begin() as conn:
        await rows.delete(conn, addon.id)
    await p.couriers.settle()
