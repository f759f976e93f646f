"""The blobs of an app's repositories: pushing them by uploads, and who may read which."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hatoba import errors
from hatoba.control import image_room
from hatoba.control.platform import Platform
from hatoba.model.app import App
from hatoba.model.image import is_digest
from hatoba.store import images as rows


async def size(p: Platform, app: App, digest: str) -> int:
    """Return a blob's size in bytes; it stays for the next day, for what may refer to it.

    Raises DigestInvalid, or BlobUnknown for one that the app does not have.
    """
    check(digest)
    async with p.store.begin() as conn:
        mine = await rows.linked(conn, app.id, [digest])
        if mine and not await p.images.missing([digest]):
            await rows.link(conn, app.id, mine)
            return p.images.size(digest) or 0
    raise errors.BlobUnknown(f"{app.name} has no blob {digest}.")


async def mount(p: Platform, source: App, app: App, digest: str) -> bool:
    """Give an app a blob that another has, whose reader the caller is; False if it has it not."""
    check(digest)
    async with p.store.begin() as conn:
        if not await rows.linked(conn, source.id, [digest]) or await p.images.missing([digest]):
            return False
        await rows.link(conn, app.id, [digest])
    return True


async def delete(p: Platform, app: App, digest: str) -> None:
    """Take a blob from an app. Raises BlobUnknown, Conflict while an image refers to it."""
    check(digest)
    async with p.store.begin() as conn:
        if digest in await rows.referred(conn, app.id):
            raise errors.Conflict(f"An image of {app.name} refers to {digest}: delete that first.")
        if not await rows.unlink(conn, app.id, digest):
            raise errors.BlobUnknown(f"{app.name} has no blob {digest}.")


async def begin(p: Platform, app: App) -> str:
    """Begin an upload and return its id. Raises DiskFull, RegistryFull."""
    room = await image_room.of(p, app)
    if not room.left:
        raise image_room.full(app, room.most)
    return await p.images.begin(app.id)


def received(p: Platform, app: App, upload: str) -> int:
    """Return how many bytes of an upload are there. Raises UploadUnknown."""
    found = p.images.received(app.id, upload)
    if found is None:
        raise errors.UploadUnknown(f"{app.name} has no upload {upload}. Begin another.")
    return found


async def receive(
    p: Platform, app: App, upload: str, pieces: AsyncIterator[bytes], *, start: int | None = None
) -> int:
    """Add to an upload, where it ended if ``start`` says so; return how many bytes are there.

    Raises UploadUnknown, UploadInvalid, Conflict; DiskFull or RegistryFull, and the upload is
    gone; ConnectionError when the sender goes: what has come stays.
    """
    there = received(p, app, upload)
    if start is not None and start != there:
        raise errors.UploadInvalid(f"The upload goes on at byte {there}, not {start}.")
    room = await image_room.of(p, app)
    try:
        return await p.images.receive(app.id, upload, pieces, room.left)
    except errors.RegistryFull as error:
        raise image_room.full(app, room.most) from error


async def finish(p: Platform, app: App, upload: str, digest: str) -> None:
    """Make an upload a blob of the app. Raises DigestInvalid, UploadUnknown, DiskFull."""
    check(digest)
    received(p, app, upload)
    try:
        kept = await p.images.finish(app.id, upload, digest)
    except FileNotFoundError as error:
        # The same request, sent twice, has been carried out by the other one meanwhile.
        raise errors.UploadUnknown from error
    if not kept:
        raise errors.DigestInvalid(f"What was uploaded is not {digest}.")
    async with p.store.begin() as conn:
        await rows.link(conn, app.id, [digest])


async def cancel(p: Platform, app: App, upload: str) -> None:
    """Forget an upload. Raises UploadUnknown."""
    received(p, app, upload)
    p.images.cancel(app.id, upload)


def check(digest: str) -> None:
    """Raise DigestInvalid for what is no digest that the registry knows."""
    if not is_digest(digest):
        raise errors.DigestInvalid(f"{digest[:80]!r} is no digest: sha256 and 64 hex digits.")
