"""Providers of add-ons: registered here, and what they themselves do here."""

from __future__ import annotations

from urllib.parse import parse_qsl

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.addon_access import OnAddon
from hatoba.api.call import Answer, Call, Listing, Reply, SignedIn
from hatoba.api.encode import addons as encode
from hatoba.api.encode.basics import moment
from hatoba.control import catalogue, providers, providers_callbacks, providers_grants
from hatoba.control.providers import Registered
from hatoba.control.providers_grants import Tokens
from hatoba.model.addon import Addon
from hatoba.schema import providers as wire

_FORM = "application/x-www-form-urlencoded"


class ConfigVar(msgspec.Struct):
    """A config var of an add-on; null takes it away."""

    name: str
    value: str | None = None


class SetConfig(msgspec.Struct):
    """``PATCH /addons/{addon}/config``."""

    config: list[ConfigVar]


class Exchange(msgspec.Struct):
    """``POST /oauth/token``, as a form or as JSON."""

    grant_type: str
    client_secret: str = ""
    code: str = ""
    refresh_token: str = ""


def _shown(one: Registered) -> wire.Provider:
    return wire.Provider(
        id=one.provider.id,
        name=one.provider.human_name,
        manifest=one.manifest,
        addons=one.addons,
        notes=providers.notes(one.provider),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


async def listed(call: SignedIn) -> Answer:
    """List the registered providers."""
    await providers.check_administrator(call.platform, call.actor)
    return Listing([_shown(one) for one in await providers.listed(call.platform)], ("id",))


async def info(call: SignedIn) -> Answer:
    """Tell about one provider, without its secrets."""
    await providers.check_administrator(call.platform, call.actor)
    return Reply(_shown(await providers.find(call.platform, call.path("provider"))))


async def put(call: SignedIn) -> Answer:
    """Register a provider by its manifest, or give it a new one."""
    manifest = decode.body(call, wire.Manifest)
    if manifest.id != call.path("provider"):
        raise errors.InvalidParams("The id of the manifest is not that of the path.")
    taken = set(catalogue.BUILT_IN)
    return Reply(_shown(await providers.put(call.platform, call.actor, manifest, taken)))


async def remove(call: SignedIn) -> Answer:
    """Offer a provider's service no more."""
    return Reply(_shown(await providers.remove(call.platform, call.actor, call.path("provider"))))


async def config(call: OnAddon) -> Answer:
    """List an add-on's config vars."""
    return Reply(_vars(await providers_callbacks.config(call.platform, call.addon)))


async def config_of_credential(call: OnAddon) -> Answer:
    """List the config vars that a credential gives; none for one that there is not."""
    kind, _, name = call.path("namespace").partition(":")
    if kind != "credential":
        return Reply([])
    try:
        found = await providers_callbacks.config(call.platform, call.addon, name)
    except errors.NotFound:
        return Reply([])
    return Reply(_vars(found))


async def set_config(call: OnAddon) -> Answer:
    """Change an add-on's config vars, as its provider."""
    wanted = {one.name: one.value for one in decode.body(call, SetConfig).config}
    after = await providers_callbacks.set_config(call.platform, call.actor, call.addon, wanted)
    return Reply(_vars(after))


def _vars(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


async def provisioned(call: OnAddon) -> Answer:
    """Take note that the provider has made an add-on."""
    return await _addon(call, await providers_callbacks.provisioned(call.platform, call.addon))


async def deprovisioned(call: OnAddon) -> Answer:
    """Take note that the provider holds nothing of an add-on any more."""
    return await _addon(call, await providers_callbacks.deprovisioned(call.platform, call.addon))


async def _addon(call: OnAddon, now: Addon) -> Answer:
    service = await catalogue.service_of(call.platform, now)
    config_vars = list(await providers_callbacks.config(call.platform, now))
    return Reply(encode.addon(now, call.app, service, config_vars))


async def token(call: Call) -> Answer:
    """Exchange the grant of an add-on, or a refresh token, for an access token."""
    wanted = _exchange(call)
    p = call.platform
    if wanted.grant_type == "authorization_code":
        found = await providers_grants.exchange(p, wanted.code, wanted.client_secret)
    elif wanted.grant_type == "refresh_token":
        found = await providers_grants.refresh(p, wanted.refresh_token, wanted.client_secret)
    else:
        raise errors.BadRequest("grant_type must be authorization_code or refresh_token.")
    return Reply(_tokens(found))


def _exchange(call: Call) -> Exchange:
    if not call.request.headers.get("content-type", "").startswith(_FORM):
        return decode.body(call, Exchange)
    try:
        fields = dict(parse_qsl(call.body.decode(), max_num_fields=20))
        return msgspec.convert(fields, Exchange)
    except (ValueError, msgspec.ValidationError) as error:
        raise errors.BadRequest("The form of a token exchange needs grant_type.") from error


def _tokens(found: Tokens) -> dict[str, object]:
    return {
        "access_token": found.access,
        "refresh_token": found.refresh,
        "expires_in": found.expires_in,
        "token_type": "Bearer",
    }
