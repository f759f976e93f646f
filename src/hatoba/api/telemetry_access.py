"""The access rule of telemetry drains, which the path names without an app."""

from __future__ import annotations

from dataclasses import dataclass, field

from hatoba.api.access import WithToken
from hatoba.api.call import Call, OnApp
from hatoba.auth import access
from hatoba.auth.scopes import Scope
from hatoba.control import telemetry
from hatoba.model.permission import Permission
from hatoba.model.telemetry import TelemetryDrain


@dataclass(frozen=True)
class OnTelemetry(OnApp):
    """A request about a telemetry drain which the account may make."""

    drain: TelemetryDrain = field(kw_only=True)


@dataclass(frozen=True)
class ToTelemetry:
    """An account that may do this on the app whose telemetry it is."""

    scope: Scope
    permission: Permission

    async def admit(self, call: Call) -> OnTelemetry:
        """Find the drain and check that the account may do this with its app."""
        signed = await WithToken(self.scope).admit(call)
        drain = await telemetry.find(call.platform, call.path("drain"))
        store = call.platform.store
        app = await access.app(store, signed.account, str(drain.app_id), self.permission)
        return signed.about(OnTelemetry, app=app, drain=drain)


PROTECTED_TELEMETRY = ToTelemetry(Scope.READ_PROTECTED, Permission.VIEW)
OPERATE_TELEMETRY = ToTelemetry(Scope.WRITE, Permission.OPERATE)
