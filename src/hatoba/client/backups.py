"""Calls about backups, restores, copies and daily schedules of databases."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from hatoba.client import streams
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.schema.backups import PublicUrl, Schedule, Transfer


def _transfers(app: str) -> str:
    return f"/client/v11/apps/{app}/transfers"


def _database(addon: str) -> str:
    return f"/client/v11/databases/{addon}"


def listed(api: Api, app: str) -> list[Transfer]:
    """Return the app's transfers, the newest first."""
    found = api.get(_transfers(app), list[Transfer])
    return sorted(found, key=lambda one: one.num, reverse=True)


def find(api: Api, app: str, transfer: str, *, log: bool = False) -> Transfer:
    """Return a transfer by id or number, with its log where that is wanted."""
    return api.get(f"{_transfers(app)}/{transfer}{'?verbose=true' if log else ''}", Transfer)


def named(api: Api, app: str, name: str) -> Transfer:
    """Return a transfer by its name (b001). Raises ClientError."""
    for one in listed(api, app):
        if name in (one.name, one.uuid):
            return one
    raise ClientError(f"{app} has no backup {name}. See them: heroku pg:backups -a {app}")


def good(api: Api, app: str, name: str | None = None) -> Transfer:
    """Return a backup that can be restored, without a name the newest one. Raises ClientError."""
    if name is not None:
        found = named(api, app, name)
        if not found.is_backup or not found.succeeded:
            raise ClientError(f"{name} is no backup that can be used: it is {found.state}.")
        return found
    for one in listed(api, app):
        if one.is_backup and one.succeeded:
            return one
    raise ClientError(f"{app} has no good backup. Capture one: heroku pg:backups:capture -a {app}")


def capture(api: Api, addon: str, version: int | None = None) -> Transfer:
    """Begin a backup of a database."""
    return api.change("POST", f"{_database(addon)}/backups", Transfer, version=version)


def restore(api: Api, addon: str, url: str, version: int | None = None) -> Transfer:
    """Begin to replace what is in a database by a dump: a backup's ``to_url``, or any other."""
    body = {"backup_url": url}
    return api.change("POST", f"{_database(addon)}/restores", Transfer, body=body, version=version)


def copy(api: Api, addon: str, body: dict[str, str], version: int | None = None) -> Transfer:
    """Begin to replace what is in a database by what is in another one.

    ``body`` has from_name, from_url, to_name and to_url; the URLs hold passwords.
    """
    return api.change("POST", f"{_database(addon)}/transfers", Transfer, body=body, version=version)


def cancel(api: Api, app: str, transfer: Transfer) -> Transfer:
    """Stop a transfer."""
    return api.change("POST", f"{_transfers(app)}/{transfer.uuid}/actions/cancel", Transfer)


def delete(api: Api, app: str, transfer: Transfer, version: int | None = None) -> Transfer:
    """Delete a backup for good."""
    return api.change("DELETE", f"{_transfers(app)}/{transfer.num}", Transfer, version=version)


def public_url(api: Api, app: str, transfer: Transfer) -> PublicUrl:
    """Return a URL that opens a backup without credentials, for an hour."""
    return api.change("POST", f"{_transfers(app)}/{transfer.num}/actions/public-url", PublicUrl)


def schedules(api: Api, addon: str) -> list[Schedule]:
    """Return the daily backups of the database's app."""
    return api.get(f"{_database(addon)}/transfer-schedules", list[Schedule])


def schedule(api: Api, addon: str, body: dict[str, str], version: int | None = None) -> Schedule:
    """Back a database up every day; ``body`` has hour, timezone and schedule_name."""
    path = f"{_database(addon)}/transfer-schedules"
    return api.change("POST", path, Schedule, body=body, version=version)


def unschedule(api: Api, addon: str, schedule_id: str, version: int | None = None) -> Schedule:
    """Take a daily backup away."""
    path = f"{_database(addon)}/transfer-schedules/{schedule_id}"
    return api.change("DELETE", path, Schedule, version=version)


def download(
    api: Api, app: str, backup: Transfer, path: Path, progress: Callable[[int], None]
) -> None:
    """Write a backup's dump to a new file, mode 0600, that is there only once it is whole.

    ``progress`` is told the bytes so far. Raises ClientError when the file exists already or
    what came is not what was backed up.
    """
    if path.exists():
        raise ClientError(f"{path} exists already. Name another file: --output FILE")
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    try:
        url = public_url(api, app, backup).url
        _write(draft, streams.output(api, url), backup, progress)
        # A link, unlike a rename, never takes the place of a file that came meanwhile.
        os.link(draft, path)
    except FileExistsError as error:
        raise ClientError(f"{path} exists already. Name another file: --output FILE") from error
    finally:
        draft.unlink(missing_ok=True)


def _write(
    draft: Path, pieces: Iterator[bytes], backup: Transfer, progress: Callable[[int], None]
) -> None:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
            progress(size)
        file.flush()
        os.fsync(file.fileno())
    if backup.checksum is None:
        return
    if (size, digest.hexdigest()) != (backup.processed_bytes, backup.checksum):
        raise ClientError(
            f"{backup.name} did not come whole: {size:,} of {backup.processed_bytes:,} bytes, or "
            "others than were backed up. Nothing was kept; download it again."
        )
