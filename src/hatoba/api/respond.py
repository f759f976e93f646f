"""From answers and errors to HTTP responses."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from hatoba import errors
from hatoba.api import paging
from hatoba.api.call import Answer, Reply
from hatoba.control.replies import StoredReply
from hatoba.schema.platform import Error

_JSON = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
}
_TAG = "ETag"
_READS = frozenset({"GET", "HEAD"})
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Tokens travel in a header that pages of other origins must set themselves, so any may ask.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Range, ETag, Hatoba-Version, Next-Range, RateLimit-Multiplier, "
        "RateLimit-Remaining, Request-Id"
    ),
}
# How every reply begins, as it is sent.
_HEAD = {name.lower().encode(): value.encode() for name, value in {**_JSON, **CORS}.items()}
PREFLIGHT = {
    **CORS,
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Expansion, Accept-Inclusion, Authorization, Content-Type, "
        "Hatoba-If-Version, Hatoba-Mask, If-None-Match, Range, Request-Id"
    ),
    "Access-Control-Max-Age": "86400",
}
_encoder = msgspec.json.Encoder()


def stored(request: Request, answer: Answer) -> StoredReply:
    """Return an answer as the bytes that are sent."""
    if isinstance(answer, Response):
        return StoredReply(answer.status_code, dict(answer.headers), bytes(answer.body))
    if isinstance(answer, Reply):
        return StoredReply(answer.status, answer.headers, _encoder.encode(answer.body))
    wanted = paging.renamed(request.headers.get("range"), answer.aliases)
    page = paging.page(answer.items, answer.by, wanted)
    return StoredReply(page.status, page.headers, _encoder.encode(page.items))


def whole(request: Request, answer: Answer) -> Response | StoredReply:
    """Return an answer as the bytes that are sent, unless it is a response of its own kind."""
    return answer if isinstance(answer, Response) else stored(request, answer)


def response(
    request: Request, answer: Response | StoredReply, extra: Mapping[str, str]
) -> Response:
    """Return the response for an answer, with the headers that every answer has."""
    if isinstance(answer, Response):
        answer.headers.update({**CORS, **extra})
        return answer
    if request.method in _READS and answer.status < 300:
        answer = tagged(answer)
        if _has(request.headers.get("if-none-match"), answer.headers[_TAG]):
            return Response(status_code=304, headers={**CORS, **answer.headers, **extra})
    return _Whole(answer, extra)


class _Whole(Response):
    """A reply as a response; what every one has in its head is not written anew each time."""

    def __init__(self, reply: StoredReply, extra: Mapping[str, str]) -> None:
        self.status_code = reply.status
        self.body = reply.body
        self.background = None
        self.raw_headers = list(
            {
                **_HEAD,
                b"content-length": str(len(reply.body)).encode(),
                **_raw(reply.headers),
                **_raw(extra),
            }.items()
        )


def _raw(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    return {name.lower().encode(): value.encode("latin-1") for name, value in headers.items()}


def tagged(reply: StoredReply) -> StoredReply:
    """Return the reply with an entity tag, which names this very body."""
    if _TAG in reply.headers:
        return reply
    tag = f'"{hashlib.blake2b(reply.body, digest_size=16).hexdigest()}"'
    return replace(reply, headers={**reply.headers, _TAG: tag})


def _has(header: str | None, tag: str) -> bool:
    """Tell whether an If-None-Match header names the tag."""
    if header is None:
        return False
    named = (one.strip().removeprefix("W/") for one in header.split(","))
    return any(one in (tag, "*") for one in named)


def failure(error: errors.HatobaError) -> StoredReply:
    """Return the reply that tells of an error in Heroku's shape."""
    resource = error.resource if isinstance(error, errors.NotFound) else None
    app = error.app if isinstance(error, errors.TwoFactorRequired) else None
    named = {"name": app} if app else None
    body = Error(id=error.id, message=error.message, url=error.url, resource=resource, app=named)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if error.status in (429, 503):
        headers["Retry-After"] = "1"
    return StoredReply(error.status, headers, _encoder.encode(body))


def client_id(request: Request) -> str | None:
    """Return the id that the client gave this very request: the first of its Request-Id."""
    first = request.headers.get("request-id", "").partition(",")[0].strip()
    return first if _UUID.fullmatch(first) else None


def request_ids(request: Request) -> str:
    """Return the Request-Id of a reply: the client's own id and a fresh one."""
    own = client_id(request)
    return f"{own},{uuid4()}" if own else str(uuid4())
