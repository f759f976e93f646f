"""Providers of add-ons elsewhere: registered by the administrator, with their manifests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from hatoba import errors
from hatoba.control.platform import Actor, Platform
from hatoba.kit.text import plural
from hatoba.model import provider as rules
from hatoba.model.addon import AddonPlan
from hatoba.model.provider import Provider
from hatoba.schema.providers import Endpoints, Manifest, ManifestApi, PlanOffer
from hatoba.store import accounts as account_rows
from hatoba.store import addons as addon_rows
from hatoba.store import providers as rows

_SECRETS = ("password", "sso_salt", "client_secret")
_RESOURCES = "/heroku/resources"
_DEFAULT_PLANS = [PlanOffer("standard", "Standard")]


@dataclass(frozen=True)
class Registered:
    """A provider as it is registered; its manifest is without the secrets."""

    provider: Provider
    manifest: Manifest
    addons: int
    created_at: datetime
    updated_at: datetime


def read(manifest: Manifest) -> Provider:
    """Return what a manifest says. Raises InvalidParams for one that can't be offered."""
    if str(manifest.api.version) != "3":
        raise errors.InvalidParams(
            f"{manifest.id} speaks version {manifest.api.version} of the Add-on Partner API; "
            "this platform speaks version 3."
        )
    found = _provider(manifest, {name: getattr(manifest.api, name) for name in _SECRETS})
    if problem := found.problem():
        raise errors.InvalidParams(problem)
    return found


def _provider(manifest: Manifest, secrets: Mapping[str, str]) -> Provider:
    api = manifest.api
    where = api.production
    if isinstance(where, str):
        where = Endpoints(f"{where.rstrip('/')}{_RESOURCES}")
    offers = manifest.plans or _DEFAULT_PLANS
    return Provider(
        id=manifest.id,
        human_name=manifest.name or manifest.id,
        prefix=api.config_vars_prefix or rules.prefix_of(manifest.id),
        config_vars=tuple(api.config_vars),
        base_url=where.base_url.rstrip("/"),
        sso_url=where.sso_url,
        requires=frozenset(api.requires),
        regions=tuple(api.regions) or ("us",),
        plans=tuple(_plan(manifest.id, one, first=one is offers[0]) for one in offers),
        password=secrets["password"],
        sso_salt=secrets["sso_salt"],
        client_secret=secrets["client_secret"] or secrets["password"],
    )


def _plan(provider: str, offer: PlanOffer, *, first: bool) -> AddonPlan:
    human = offer.human_name or offer.name.replace("-", " ").title()
    return AddonPlan(
        provider, offer.name, human, offer.description or human, default=first, cents=offer.cents
    )


async def check_administrator(p: Platform, actor: Actor) -> None:
    """Raise Forbidden unless this is the account that the platform was set up with."""
    async with p.store.begin() as conn:
        first = await account_rows.first(conn)
    if first is None or first.id != actor.account.id:
        raise errors.Forbidden("Only the platform's administrator may register add-on providers.")


async def listed(p: Platform) -> list[Registered]:
    """Return all providers."""
    async with p.store.begin() as conn:
        found = await rows.every(conn)
        counts = await addon_rows.count_by_service(conn)
    return [_registered(p, row, counts.get(row["id"], 0)) for row in found]


async def find(p: Platform, provider: str) -> Registered:
    """Return a provider. Raises NotFound."""
    for one in await listed(p):
        if one.provider.id == provider:
            return one
    raise errors.NotFound("Couldn't find that add-on provider.", resource="addon_provider")


def _registered(p: Platform, row: Mapping[str, Any], addons: int) -> Registered:
    manifest = msgspec.convert(row["manifest"], Manifest)
    secrets = json.loads(p.vault.unseal(row["sealed_secrets"], _bound(row["id"])))
    provider = _provider(manifest, secrets)
    return Registered(provider, manifest, addons, row["created_at"], row["updated_at"])


def _bound(provider: str) -> str:
    return f"provider:{provider}"


async def put(p: Platform, actor: Actor, manifest: Manifest, taken: set[str]) -> Registered:
    """Register a provider, or its new manifest. ``taken`` are the ids that it can't have.

    Raises InvalidParams, and Conflict for a plan that is left out though add-ons are on it.
    """
    await check_administrator(p, actor)
    provider = read(manifest)
    if provider.id in taken:
        raise errors.InvalidParams(f"{provider.id} is a service of the platform's own.")
    secrets = {name: getattr(manifest.api, name) for name in _SECRETS}
    sealed = p.vault.seal(json.dumps(secrets).encode(), _bound(provider.id))
    bare = msgspec.to_builtins(_without_secrets(manifest))
    async with p.store.begin() as conn:
        await rows.by_id(conn, provider.id, lock=True)
        used = await rows.used_plans(conn, provider.id)
        if gone := sorted(used - {plan.name for plan in provider.plans}):
            raise errors.Conflict(
                f"Add-ons are on the plan {gone[0]}, which this manifest leaves out. "
                "Put them on another one first, or keep the plan."
            )
        await rows.put(conn, provider.id, bare, sealed)
    return await find(p, provider.id)


def _without_secrets(manifest: Manifest) -> Manifest:
    api: ManifestApi = msgspec.structs.replace(manifest.api, **dict.fromkeys(_SECRETS, ""))
    return msgspec.structs.replace(manifest, api=api)


async def remove(p: Platform, actor: Actor, provider: str) -> Registered:
    """Offer a provider's service no more. Raises Conflict while there are add-ons of it."""
    await check_administrator(p, actor)
    found = await find(p, provider)
    async with p.store.begin() as conn:
        await rows.by_id(conn, provider, lock=True)
        left = (await addon_rows.count_by_service(conn)).get(provider, 0)
        if left:
            raise errors.Conflict(
                f"There {'is' if left == 1 else 'are'} {plural(left, 'add-on')} of {provider}. "
                "Destroy them first; those of apps in the trash go with their apps."
            )
        await rows.delete(conn, provider)
    return found


def notes(provider: Provider) -> list[str]:
    """Return what it asks for and this platform has not, in whole sentences."""
    if rules.LOG_INPUT in provider.requires:
        return ["It asks to write into apps' logs (log_input), which this platform does not take."]
    return []
