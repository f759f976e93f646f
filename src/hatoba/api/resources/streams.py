"""Output of builds and release commands, live, at URLs that can't be guessed."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import StreamingResponse

from hatoba import errors
from hatoba.api.call import Answer, Call
from hatoba.api.heartbeat import beating
from hatoba.auth.identity import as_uuid
from hatoba.control import builds


async def output(call: Call) -> Answer:
    """Stream an output from its start to its end, waiting for one that is still to begin."""
    stream = _verified(call)
    platform = call.platform
    if not platform.streams.exists(stream) and not await builds.awaited(platform, stream):
        raise errors.NotFound("This output is not kept any more.", resource="stream")
    return StreamingResponse(
        # A silent build goes on: a null character shows nothing on a terminal.
        beating(platform.streams.follow(stream), b"\0"),
        media_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _verified(call: Call) -> UUID:
    stream = as_uuid(call.path("stream"))
    good = stream and call.platform.vault.verify("stream", str(stream), call.path("signature"))
    if stream is None or not good:
        raise errors.NotFound("Couldn't find that output.", resource="stream")
    return stream
