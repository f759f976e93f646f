"""Archives at signed URLs: sources that are put here, sources of builds, slugs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

from starlette.responses import FileResponse, Response, StreamingResponse

from hatoba import errors
from hatoba.api import signing
from hatoba.api.call import Answer, Call, Reply, SignedIn
from hatoba.api.uploads import LASTS
from hatoba.control import builds, slugs
from hatoba.model.release import Build, Slug, SlugDraft

_PUT, _GET, _PUT_SLUG = "source-put", "source-get", "slug-put"
# Of a length of anything that could be put here.
_DIGITS = 16
_BLOB_LASTS = timedelta(hours=1)


async def create_source(call: SignedIn) -> Answer:
    """Give a place to put a source archive, and where a build will find it."""
    path = f"/sources/{uuid4()}"
    blob = {
        "get_url": signing.url(call, _GET, path, lasts=LASTS),
        "put_url": signing.url(call, _PUT, path, lasts=LASTS),
    }
    return Reply({"source_blob": blob}, 201)


async def put_source(call: Call) -> Answer:
    """Take a source archive."""
    _check(call, _PUT)
    await call.service.uploads.put(_id(call), call.request.stream())
    return Response(status_code=200)


async def get_source(call: Call) -> Answer:
    """Give a source archive back."""
    _check(call, _GET)
    return _file(call.service.uploads.path(_id(call)))


def uploaded(call: Call, url: str) -> UUID | None:
    """Return which upload a URL means, or None when it is none of this platform's.

    Raises Forbidden when its signature is not good, or not any more, InvalidParams when it is
    no URL at all.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise errors.InvalidParams(f"source_blob.url is invalid: {error}.") from error
    if not call.reach.owns(parts.hostname, port) or not parts.path.startswith("/sources/"):
        return None
    signing.check(call.platform, _GET, parts.path, dict(parse_qsl(parts.query)))
    return UUID(parts.path.removeprefix("/sources/"))


def slug_url(call: Call, slug: Slug) -> str:
    """Return where a slug's archive can be had for an hour."""
    path = f"/blobs/slugs/{slug.checksum}"
    return signing.url(call, _GET, path, lasts=_BLOB_LASTS)


def draft_url(call: Call, draft: SlugDraft) -> str:
    """Return where a slug's archive can be put for an hour."""
    return signing.url(call, _PUT_SLUG, f"/blobs/slugs/{draft.id}", lasts=_BLOB_LASTS)


def source_url(call: Call, build: Build) -> str:
    """Return where a build's source can be had for an hour, as long as it is kept."""
    path = f"/blobs/builds/{build.source}"
    return signing.url(call, _GET, path, lasts=_BLOB_LASTS)


def output_url(call: Call, stream_id: UUID) -> str:
    """Return where a build's or a release's output can be read."""
    return call.reach.url + builds.output_path(call.platform, stream_id)


async def get_slug(call: Call) -> Answer:
    """Give a slug's archive."""
    _check(call, _GET)
    pieces = slugs.archive(call.platform, call.path("blob"))
    return StreamingResponse(pieces, media_type="application/gzip")


async def put_slug(call: Call) -> Answer:
    """Take the archive of a slug that was made elsewhere."""
    _check(call, _PUT_SLUG)
    slug_id, length = UUID(call.path("blob")), call.request.headers.get("content-length", "0")
    await slugs.awaited(call.platform, slug_id)
    slugs.check_size(int(length) if length.isdecimal() and len(length) < _DIGITS else 0)
    uploads, upload_id = call.service.uploads, uuid4()
    await uploads.put(upload_id, call.request.stream(), slugs.check_size)
    try:
        await slugs.put(call.platform, slug_id, uploads.path(upload_id))
    finally:
        uploads.drop(upload_id)
    return Response(status_code=200)


async def get_build_source(call: Call) -> Answer:
    """Give a build's source."""
    _check(call, _GET)
    return _file(call.platform.sources / call.path("blob"))


def _check(call: Call, purpose: str) -> None:
    signing.check(call.platform, purpose, call.request.url.path, dict(call.request.query_params))


def _id(call: Call) -> UUID:
    return UUID(call.path("source"))


def _file(path: Path) -> Response:
    if not path.is_file():
        raise errors.NotFound("That archive is not there, or not any more.", resource="blob")
    return FileResponse(path, media_type="application/octet-stream")
