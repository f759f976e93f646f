"""Blobs and their uploads, streamed between request and file."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, Response

from hatoba import errors
from hatoba.control import image_blobs as blobs
from hatoba.registry import admission
from hatoba.registry.admission import Admitted
from hatoba.registry.answers import VERSION, done

_RANGE = re.compile(r"(?:bytes )?(\d{1,15})-(\d{1,15})(?:/.*)?")


class BlobResponse(FileResponse):
    """A file in larger pieces: each costs a change of threads."""

    chunk_size = 512 * 1024


async def fetch(call: Admitted) -> Response:
    """Give a blob, or a part of it by Range; HEAD tells whether it is there."""
    digest = call.part("digest")
    await blobs.size(call.p, call.app, digest)
    headers = {**VERSION, "Docker-Content-Digest": digest, "Cache-Control": "max-age=31536000"}
    path = call.p.images.path(digest)
    return BlobResponse(path, headers=headers, media_type="application/octet-stream")


async def delete(call: Admitted) -> Response:
    """Take a blob from the app."""
    await blobs.delete(call.p, call.app, call.part("digest"))
    return done(202)


async def begin(call: Admitted) -> Response:
    """Begin an upload; ``mount`` names a blob that is here, ``digest`` one that comes now."""
    asked = call.request.query_params
    if (mounted := asked.get("mount")) and await _mounted(call, mounted, asked.get("from", "")):
        return _created(call, mounted)
    if digest := asked.get("digest"):
        blobs.check(digest)
    upload = await blobs.begin(call.p, call.app)
    if digest:
        await blobs.receive(call.p, call.app, upload, _body(call))
        await blobs.finish(call.p, call.app, upload, digest)
        return _created(call, digest)
    return _goes_on(call, upload, 0, 202)


async def _mounted(call: Admitted, digest: str, repository: str) -> bool:
    source = await admission.readable(call, repository) if repository else call.app
    return source is not None and await blobs.mount(call.p, source, call.app, digest)


async def status(call: Admitted) -> Response:
    """Tell how much of an upload is there, so that it can go on after an interruption."""
    upload = call.part("upload")
    return _goes_on(call, upload, blobs.received(call.p, call.app, upload), 204)


async def receive(call: Admitted) -> Response:
    """Add a piece to an upload."""
    upload = call.part("upload")
    return _goes_on(call, upload, await _receive(call, upload), 202)


async def finish(call: Admitted) -> Response:
    """Add the last piece, if there is one, and make the upload a blob."""
    upload, digest = call.part("upload"), call.request.query_params.get("digest", "")
    blobs.check(digest)
    try:
        await _receive(call, upload)
        await blobs.finish(call.p, call.app, upload, digest)
    except errors.UploadUnknown:
        # The answer to the same request may have been lost on its way.
        try:
            await blobs.size(call.p, call.app, digest)
        except errors.BlobUnknown:
            raise errors.UploadUnknown from None
    return _created(call, digest)


async def cancel(call: Admitted) -> Response:
    """Forget an upload."""
    await blobs.cancel(call.p, call.app, call.part("upload"))
    return done(204)


async def _receive(call: Admitted, upload: str) -> int:
    start = _start(call.request.headers.get("content-range"))
    return await blobs.receive(call.p, call.app, upload, _body(call), start=start)


def _start(header: str | None) -> int | None:
    if header is None:
        return None
    match = _RANGE.fullmatch(header.strip())
    if match is None:
        raise errors.UploadInvalid("Content-Range must be START-END.")
    return int(match[1])


async def _body(call: Admitted) -> AsyncIterator[bytes]:
    try:
        async for piece in call.request.stream():
            if piece:
                yield piece
    except ClientDisconnect as error:
        raise ConnectionError from error


def _created(call: Admitted, digest: str) -> Response:
    return done(201, Location=f"{call.path}/blobs/{digest}", Docker_Content_Digest=digest)


def _goes_on(call: Admitted, upload: str, size: int, status: int) -> Response:
    return done(
        status,
        Location=f"{call.path}/blobs/uploads/{upload}",
        Range=f"0-{max(size - 1, 0)}",
        Docker_Upload_UUID=upload,
    )
