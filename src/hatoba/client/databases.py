"""Calls about databases: which one is meant, and Heroku's data API for Postgres."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from hatoba.client import config
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.schema import databases as wire
from hatoba.schema.platform import Named

SERVICE = "heroku-postgresql"
_INCLUDE = {"Accept-Inclusion": "addon:plan,config_vars"}


class AddonOfAttachment(msgspec.Struct, frozen=True):
    """The add-on that an attachment belongs to."""

    id: str
    name: str
    app: Named
    plan: Named | None = None


class Attachment(msgspec.Struct, frozen=True):
    """A database under the name that an app knows it by."""

    id: str
    name: str
    app: Named
    addon: AddonOfAttachment
    namespace: str | None = None
    config_vars: list[str] = []

    @property
    def url_var(self) -> str:
        """The config var that holds the database's URL."""
        return f"{self.name}_URL"

    @property
    def credential(self) -> str:
        """The credential whose role that URL has."""
        return (self.namespace or "credential:default").removeprefix("credential:")


class UnknownDatabase(ClientError):
    """No database is called so, or several."""

    id = "database"


def attached(api: Api, app: str) -> list[Attachment]:
    """Return the databases of an app."""
    found = api.pages(f"/apps/{app}/addon-attachments", Attachment, _INCLUDE)
    return [a for a in found if a.addon.plan is None or a.addon.plan.name.startswith(SERVICE)]


def resolve(api: Api, app: str, name: str | None = None) -> Attachment:
    """Return the database that is meant, by attachment, config var or add-on.

    ``name`` may begin with another app's (``app::DATABASE``); without it, it is DATABASE_URL.
    Raises UnknownDatabase.
    """
    if name and "://" in name:
        # Not repeated: there may be a password in it.
        raise UnknownDatabase(f"A database of {app} is wanted, not a URL. See: heroku pg:info")
    owner, _, wanted = (name or "DATABASE_URL").rpartition("::")
    app = owner or app
    there = attached(api, app)
    if not there:
        raise UnknownDatabase(
            f"{app} has no databases. Create one: heroku addons:create {SERVICE} -a {app}"
        )
    return pick(there, wanted, app)


def pick(there: Sequence[Attachment], wanted: str, app: str) -> Attachment:
    """Return the attachment of that name, or the only one that contains it; pure."""
    key = wanted.upper().removesuffix("_URL")
    exact = [a for a in there if key == a.name or wanted in (a.addon.name, a.addon.id)]
    likely = exact or [a for a in there if key in a.name]
    if len({a.addon.id for a in likely}) == 1:
        return min(likely, key=lambda a: (a.credential != "default", a.name != "DATABASE"))
    names = ", ".join(sorted(a.url_var for a in likely or there))
    if likely:
        raise UnknownDatabase(f"{wanted} is ambiguous on {app}: which of {names}?")
    raise UnknownDatabase(f"Unknown database: {wanted}. {app} has: {names}")


def url(api: Api, attachment: Attachment) -> str:
    """Return where to connect to; it holds the password. Raises UnknownDatabase."""
    values = config.revealed(api, attachment.app.name)
    found = values.get(attachment.url_var)
    if found is None:
        raise UnknownDatabase(f"{attachment.url_var} is not set on {attachment.app.name}.")
    return found


def known_as(api: Api, app: str, addresses: Sequence[str]) -> list[str]:
    """Return the app's config vars that lead to databases, or else the databases' addresses."""
    values = config.revealed(api, app)
    # Of several that lead to one database, the first names it.
    by_place = {v.rpartition("@")[2]: name for name, v in reversed(values.items()) if "@" in v}
    return [by_place.get(one.removeprefix("postgres://"), one) for one in addresses]


def info(api: Api, database: str) -> wire.Database:
    """Return what is known of a database."""
    return api.get(f"/client/v11/databases/{database}", wire.Database)


def wait_status(api: Api, database: str) -> wire.WaitStatus:
    """Return whether a database is still being made."""
    return api.get(f"/client/v11/databases/{database}/wait_status", wire.WaitStatus)


def reset(api: Api, database: str, extensions: Iterable[str], version: int | None = None) -> None:
    """Empty a database."""
    body = {"extensions": list(extensions)}
    path = f"/client/v11/databases/{database}/reset"
    api.change("PUT", path, dict[str, Any], body=body, version=version)


def kept(api: Api, database: str) -> list[wire.Kept]:
    """Return the contents from before resets that can be taken back."""
    return api.get(f"/hatoba/databases/{database}/trash", list[wire.Kept])


def take_back(api: Api, database: str, entry: str, version: int | None = None) -> None:
    """Give a database the content back that it had."""
    path = f"/hatoba/databases/{database}/trash/{entry}/actions/restore"
    api.change("POST", path, wire.Kept, version=version)


def end_sessions(api: Api, database: str, version: int | None = None) -> None:
    """End all sessions of the database's credentials."""
    path = f"/client/v11/databases/{database}/connection_reset"
    api.change("POST", path, dict[str, Any], version=version)


def unfollow(api: Api, database: str, version: int | None = None) -> None:
    """Have a follower follow no more."""
    path = f"/client/v11/databases/{database}/unfollow"
    api.change("PUT", path, dict[str, Any], version=version)


def credentials(api: Api, database: str) -> list[wire.Credential]:
    """Return a database's credentials, with their passwords."""
    return api.get(f"/postgres/v0/databases/{database}/credentials", list[wire.Credential])


def credential(api: Api, database: str, name: str) -> wire.Credential:
    """Return one credential, with its password."""
    return api.get(_credential(database, name), wire.Credential)


def create_credential(api: Api, database: str, name: str, version: int | None = None) -> None:
    """Make a further credential."""
    path = f"/postgres/v0/databases/{database}/credentials"
    api.change("POST", path, wire.Message, body={"name": name}, version=version)


def destroy_credential(api: Api, database: str, name: str, version: int | None = None) -> None:
    """Drop a credential."""
    api.change("DELETE", _credential(database, name), wire.Message, version=version)


def rotate(
    api: Api, database: str, name: str | None, *, end_now: bool, version: int | None = None
) -> None:
    """Give a credential another password, or all (None) of them."""
    of = f"/postgres/v0/databases/{database}" if name is None else _credential(database, name)
    path = f"{of}/credentials_rotation"
    api.change("POST", path, wire.Message, body={"forced": end_now}, version=version)


def repair_default(api: Api, database: str, version: int | None = None) -> None:
    """Make the default credential own everything in its database again."""
    path = f"/postgres/v0/databases/{database}/repair-default"
    api.change("POST", path, wire.Message, version=version)


def attach(api: Api, body: Mapping[str, object], version: int | None = None) -> Attachment:
    """Attach a database to an app; ``body`` is as the Platform API has it."""
    return api.change("POST", "/addon-attachments", Attachment, body=dict(body), version=version)


def reset_statistics(api: Api, database: str) -> None:
    """Count tables', indexes' and statements' use anew."""
    api.change("PUT", f"/client/v11/databases/{database}/stats_reset", wire.Message)


def pool(
    api: Api, database: str, body: Mapping[str, object], version: int | None = None
) -> Attachment:
    """Attach a database by a connection pooler."""
    path = f"/client/v11/databases/{database}/connection-pooling"
    return api.change("POST", path, Attachment, body=dict(body), version=version)


def _credential(database: str, name: str) -> str:
    return f"/postgres/v0/databases/{database}/credentials/{quote(name, safe='')}"
