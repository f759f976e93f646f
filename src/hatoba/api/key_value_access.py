"""The access rule of the data API of key-value stores: the path names one by its add-on."""

from __future__ import annotations

from dataclasses import dataclass, field

from hatoba.api.addon_access import OnAddon, ToAddon
from hatoba.api.call import Call
from hatoba.auth.scopes import Scope
from hatoba.control import key_values
from hatoba.model.key_value import KeyValue
from hatoba.model.permission import Permission


@dataclass(frozen=True)
class OnKeyValue(OnAddon):
    """A request about a key-value store which the account may make."""

    instance: KeyValue = field(kw_only=True)


@dataclass(frozen=True)
class ToKeyValue:
    """An account that may do this on the app which the store was made for."""

    scope: Scope
    permission: Permission
    or_else: Permission | None = None

    async def admit(self, call: Call) -> OnKeyValue:
        """Find the store and check that the account may do this with its app."""
        on = await ToAddon(self.scope, self.permission, self.or_else).admit(call)
        return on.about(
            OnKeyValue,
            app=on.app,
            addon=on.addon,
            instance=await key_values.find(call.platform, on.addon.id),
        )


VIEW_KEY_VALUE = ToKeyValue(Scope.READ, Permission.VIEW)
# Passwords, and whatever would give them away.
PROTECTED_KEY_VALUE = ToKeyValue(
    Scope.READ_PROTECTED, Permission.OPERATE, or_else=Permission.DEPLOY
)
OPERATE_KEY_VALUE = ToKeyValue(Scope.WRITE, Permission.OPERATE)
CONFIGURE_KEY_VALUE = ToKeyValue(Scope.WRITE_PROTECTED, Permission.OPERATE)
