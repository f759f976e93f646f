"""The access rules of providers: the tokens of their grants, and the platform's administrator."""

from __future__ import annotations

from dataclasses import dataclass

from hatoba import errors
from hatoba.api.addon_access import OnAddon, ToAddon
from hatoba.api.call import Call
from hatoba.auth import accounts
from hatoba.auth.tokens import Identity
from hatoba.control import addons, providers_grants
from hatoba.control.platform import Actor
from hatoba.model.account import Account, Authorization
from hatoba.model.addon import Addon


@dataclass(frozen=True)
class ToProvider:
    """The provider of the add-on that the path names; others by the rule ``otherwise``."""

    otherwise: ToAddon | None = None

    async def admit(self, call: Call) -> OnAddon:
        """Find the add-on, and see whether the token is that of its provider."""
        kind, _, token = call.request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            addon = await addons.find_any(call.platform, call.path("addon"))
            if addon and await providers_grants.allows(call.platform, addon.id, token.strip()):
                return await _as_provider(call, addon)
        if self.otherwise is not None:
            return await self.otherwise.admit(call)
        raise errors.Unauthorized("Only the provider of this add-on may do that, by its token.")


async def _as_provider(call: Call, addon: Addon) -> OnAddon:
    remaining = call.service.requests.take(f"provider of {addon.id}")
    app = await addons.app_of(call.platform, addon)
    owner = await accounts.find(call.platform.store, str(app.owner_id))
    return OnAddon(
        call.service,
        call.request,
        identity=Identity(owner, _grant(owner, addon)),
        actor=Actor(owner),
        remaining=remaining,
        app=app,
        addon=addon,
    )


def _grant(owner: Account, addon: Addon) -> Authorization:
    """Return what stands for the grant while its provider does something here."""
    return Authorization(
        id=addon.id,
        account_id=owner.id,
        description=f"Provider of {addon.name}",
        scopes=(),
        token_hint="",
        expires_at=None,
        created_at=addon.created_at,
        updated_at=addon.updated_at,
    )
