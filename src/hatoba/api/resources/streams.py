"""Output of builds and release commands, live, at URLs that can't be guessed."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import StreamingResponse

from hatoba import errors
from hatoba.api.call import Answer, Call
from hatoba.auth.identity import as_uuid


async def output(call: Call) -> Answer:
    """Stream an output from its start to its end; not found means that it has not begun."""
    stream = _verified(call)
    if not call.platform.streams.exists(stream):
        raise errors.NotFound("This output has not begun yet.", resource="stream")
    return StreamingResponse(
        call.platform.streams.follow(stream),
        media_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _verified(call: Call) -> UUID:
    stream = as_uuid(call.path("stream"))
    good = stream and call.platform.vault.verify("stream", str(stream), call.path("signature"))
    if stream is None or not good:
        raise errors.NotFound("Couldn't find that output.", resource="stream")
    return stream
