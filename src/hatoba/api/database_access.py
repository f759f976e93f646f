"""The access rule of the data API: the path names a database, by its add-on's id or name."""

from __future__ import annotations

from dataclasses import dataclass, field

from hatoba.api.access import WithToken
from hatoba.api.call import Call, OnApp
from hatoba.auth import access
from hatoba.auth.scopes import Scope
from hatoba.control import databases
from hatoba.model.database import Database
from hatoba.model.permission import Permission


@dataclass(frozen=True)
class OnDatabase(OnApp):
    """A request about a database which the account may make; ``app`` is its add-on's."""

    database: Database = field(kw_only=True)
    addon_name: str = field(kw_only=True)


@dataclass(frozen=True)
class ToDatabase:
    """An account that may do this on the app which the database was made for."""

    scope: Scope
    permission: Permission
    or_else: Permission | None = None

    async def admit(self, call: Call) -> OnDatabase:
        """Find the database and check that the account may do this with its app."""
        signed = await WithToken(self.scope).admit(call)
        owner = await databases.owner(call.platform, call.path("database"))
        app = await access.app(
            call.platform.store,
            signed.account,
            str(owner.app_id),
            self.permission,
            self.or_else,
        )
        return signed.about(
            OnDatabase,
            app=app,
            database=await databases.find(call.platform, owner.addon_id),
            addon_name=owner.addon_name,
        )


VIEW_DATABASE = ToDatabase(Scope.READ, Permission.VIEW)
# Passwords, and whatever would give them away.
PROTECTED_DATABASE = ToDatabase(Scope.READ_PROTECTED, Permission.OPERATE, or_else=Permission.DEPLOY)
OPERATE_DATABASE = ToDatabase(Scope.WRITE, Permission.OPERATE)
CONFIGURE_DATABASE = ToDatabase(Scope.WRITE_PROTECTED, Permission.OPERATE)
