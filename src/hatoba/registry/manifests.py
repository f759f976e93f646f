"""Manifests and tags."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from hatoba import errors
from hatoba.control import images
from hatoba.model.image import is_digest
from hatoba.model.manifest import INDEXES, MAX_BYTES
from hatoba.registry.admission import Admitted
from hatoba.registry.answers import VERSION, done

_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_USUAL_ARCHITECTURE = "amd64"


async def fetch(call: Admitted) -> Response:
    """Give a manifest by tag or digest; of an index its image to those who know no indexes."""
    found = await images.find(call.p, call.app, call.type, call.part("reference"))
    if found.media_type in INDEXES and not _takes_indexes(call):
        architecture = call.p.engine.runs_images_for or _USUAL_ARCHITECTURE
        found = await images.chosen(call.p, call.app, found, architecture)
    headers = {**VERSION, "Docker-Content-Digest": found.digest, "ETag": f'"{found.digest}"'}
    if call.request.method == "HEAD":
        headers["Content-Length"] = str(found.size)
        return Response(headers=headers, media_type=found.media_type)
    data = await call.p.images.read(found.digest)
    return Response(data, headers=headers, media_type=found.media_type)


def _takes_indexes(call: Admitted) -> bool:
    accepted = ",".join(call.request.headers.getlist("accept"))
    return not accepted or "*/*" in accepted or any(kind in accepted for kind in INDEXES)


async def put(call: Admitted) -> Response:
    """Take in a manifest, whose blobs must be here."""
    if not (is_digest(call.part("reference")) or _TAG.fullmatch(call.part("reference"))):
        raise errors.ManifestInvalid("A tag has at most 128 letters, digits, dashes and dots.")
    pushed = await images.push(
        call.p,
        call.app,
        call.type,
        call.part("reference"),
        data=await _body(call),
        content_type=call.request.headers.get("content-type", ""),
    )
    return done(
        201,
        Location=f"{call.path}/manifests/{pushed.digest}",
        Docker_Content_Digest=pushed.digest,
    )


async def _body(call: Admitted) -> bytes:
    data = bytearray()
    async for piece in call.request.stream():
        data += piece
        if len(data) > MAX_BYTES:
            raise errors.TooLarge("A manifest may have 4 MB.")
    return bytes(data)


async def delete(call: Admitted) -> Response:
    """Delete an image by its digest, or only a tag; what a release runs, it goes on running."""
    await images.delete(call.p, call.app, call.type, call.part("reference"))
    return done(202)


async def tags(call: Admitted) -> Response:
    """List the tags by name, in pages of ``n`` after ``last``."""
    found = await images.tags(call.p, call.app, call.type)
    asked = call.request.query_params
    rest = [tag for tag in found if tag > asked.get("last", "")]
    most = _number(asked.get("n"), len(rest))
    page = rest[:most]
    headers = dict(VERSION)
    if len(rest) > most > 0:
        after = f"{call.path}/tags/list?n={most}&last={quote(page[-1])}"
        headers["Link"] = f'<{after}>; rel="next"'
    return JSONResponse({"name": f"{call.app.name}/{call.type}", "tags": page}, headers=headers)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else default
