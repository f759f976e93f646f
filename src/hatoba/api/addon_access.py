"""The access rule of add-ons that the path names without an app."""

from __future__ import annotations

from dataclasses import dataclass, field

from hatoba.api.access import WithToken
from hatoba.api.call import Call, OnApp
from hatoba.auth import access
from hatoba.auth.scopes import Scope
from hatoba.control import addons
from hatoba.model.addon import Addon
from hatoba.model.permission import Permission


@dataclass(frozen=True)
class OnAddon(OnApp):
    """A request about an add-on which the account may make; ``app`` is its own app."""

    addon: Addon = field(kw_only=True)


@dataclass(frozen=True)
class ToAddon:
    """An account that may do this on the app which the add-on was made for."""

    scope: Scope
    permission: Permission
    or_else: Permission | None = None

    async def admit(self, call: Call) -> OnAddon:
        """Find the add-on and check that the account may do this with its app."""
        signed = await WithToken(self.scope).admit(call)
        addon = await addons.find(call.platform, call.path("addon"))
        app = await access.app(
            call.platform.store,
            signed.account,
            str(addon.app_id),
            self.permission,
            self.or_else,
        )
        return signed.about(OnAddon, app=app, addon=addon)


VIEW_ADDON = ToAddon(Scope.READ, Permission.VIEW)
OPERATE_ADDON = ToAddon(Scope.WRITE, Permission.OPERATE)
PROTECTED_ADDON = ToAddon(Scope.READ_PROTECTED, Permission.VIEW)
