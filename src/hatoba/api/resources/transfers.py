"""Backups, restores and copies of databases, as Heroku's data API has them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from starlette.responses import Response, StreamingResponse

from hatoba import errors
from hatoba.api import decode, signing
from hatoba.api.call import Answer, Call, OnApp, Reply
from hatoba.api.database_access import OnDatabase
from hatoba.api.encode import backups as encode
from hatoba.api.encode.basics import moment
from hatoba.auth import access
from hatoba.auth.identity import as_uuid
from hatoba.control import backups, transfers, transfers_onto
from hatoba.control.platform import reviewed
from hatoba.model.backup import Transfer
from hatoba.model.permission import Permission
from hatoba.schema import backups as wire

_PURPOSE = "backup-get"
# As long as the URLs that Heroku gives.
_LASTS = timedelta(hours=1)


class Copy(msgspec.Struct):
    """``POST /client/v11/databases/{database}/transfers``."""

    from_url: str
    to_url: str
    from_name: str = "SOURCE"
    to_name: str = "DATABASE"


class Restore(msgspec.Struct):
    """``POST /client/v11/databases/{database}/restores``."""

    backup_url: str
    extensions: list[str] | None = None


async def listed(call: OnApp) -> Answer:
    """List the app's transfers, the newest first."""
    found = await transfers.listed(call.platform, call.app)
    return Reply([encode.transfer(one, call.reach) for one in found])


async def info(call: OnApp) -> Answer:
    """Tell about one; with ``verbose`` its log too."""
    found = await transfers.find(call.platform, call.app, call.path("transfer"))
    verbose = call.request.query_params.get("verbose") == "true"
    lines = await transfers.lines(call.platform, found) if verbose else ()
    return Reply(encode.transfer(found, call.reach, lines))


async def delete(call: OnApp) -> Answer:
    """Delete a backup."""
    await reviewed(call.platform, call.actor, call.app)
    found = await transfers.find(call.platform, call.app, call.path("transfer"))
    gone = await backups.delete(call.platform, call.app, found)
    return Reply(encode.transfer(gone, call.reach))


async def cancel(call: OnApp) -> Answer:
    """Stop one that is going on."""
    found = await transfers.find(call.platform, call.app, call.path("transfer"))
    stopped = await transfers.cancel(call.platform, call.actor, call.app, found)
    return Reply(encode.transfer(stopped, call.reach))


async def public_url(call: OnApp) -> Answer:
    """Give a URL that opens a backup without credentials for an hour."""
    found = await transfers.find(call.platform, call.app, call.path("transfer"))
    good = await backups.find(call.platform, found.id)
    path = f"{encode.BLOBS}/{good.id}"
    url = signing.url(call, _PURPOSE, path, lasts=_LASTS)
    until = moment(call.platform.clock.now() + _LASTS)
    return Reply(wire.PublicUrl(url.replace("http:", "https:", 1), until), 201)


async def dump(call: Call) -> Answer:
    """Give a backup's dump."""
    request = call.request
    signing.check(call.platform, _PURPOSE, request.url.path, dict(request.query_params))
    good = await backups.find(call.platform, UUID(call.path("backup")))
    return _dump(call, good)


def _dump(call: Call, good: Transfer) -> Response:
    headers = {
        "Content-Length": str(good.processed_bytes),
        "Content-Disposition": f'attachment; filename="{good.name}.dump"',
        "Cache-Control": "private, no-store",
    }
    pieces = backups.read(call.platform, good)
    return StreamingResponse(pieces, 200, headers, "application/octet-stream")


async def capture(call: OnDatabase) -> Answer:
    """Begin a backup."""
    await reviewed(call.platform, call.actor, call.app)
    label = await backups.label(call.platform, call.app, call.database)
    made = await backups.capture(call.platform, call.app.id, call.database, label)
    return Reply(encode.transfer(made, call.reach), 201)


async def restore(call: OnDatabase) -> Answer:
    """Replace what is in the database by a backup."""
    wanted = decode.body(call, Restore)
    await reviewed(call.platform, call.actor, call.app)
    if wanted.extensions:
        raise errors.InvalidParams(
            "The extensions that a backup needs are made without being named. Make others "
            "afterwards, with CREATE EXTENSION."
        )
    chosen = await _chosen(call, wanted.backup_url)
    label = await backups.label(call.platform, call.app, call.database)
    made = await transfers_onto.restore(call.platform, call.app, call.database, label, chosen)
    return Reply(encode.transfer(made, call.reach), 201)


async def _chosen(call: OnDatabase, url: str) -> transfers_onto.Restore:
    """Return what a URL names: a backup that the account may read, or a dump elsewhere."""
    try:
        parts = urlsplit(url)
        owned = call.reach.owns(parts.hostname, parts.port)
    except ValueError as error:
        raise errors.InvalidParams(f"backup_url is invalid: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise errors.InvalidParams("backup_url must begin with http:// or https://.")
    backup_id = as_uuid(parts.path.removeprefix(f"{encode.BLOBS}/"))
    if not owned or backup_id is None:
        return transfers_onto.Restore(url=url)
    found = await backups.find(call.platform, backup_id)
    await access.app(call.platform.store, call.account, str(found.app_id), Permission.VIEW)
    return transfers_onto.Restore(found)


async def copy(call: OnDatabase) -> Answer:
    """Replace what is in the database by what is in another one."""
    wanted = decode.body(call, Copy)
    await reviewed(call.platform, call.actor, call.app)
    asked = transfers_onto.Copy(wanted.from_name, wanted.from_url, wanted.to_name, wanted.to_url)
    made = await transfers_onto.copy(call.platform, call.app, call.database, asked)
    return Reply(encode.transfer(made, call.reach), 201)
