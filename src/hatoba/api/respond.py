"""From answers and errors to HTTP responses."""

from __future__ import annotations

import re
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
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Tokens travel in a header that pages of other origins must set themselves, so any may ask.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Range, Hatoba-Version, Next-Range, RateLimit-Remaining, Request-Id"
    ),
}
PREFLIGHT = {
    **CORS,
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": (
        "Accept, Authorization, Content-Type, Hatoba-If-Version, Hatoba-Mask, Range, Request-Id"
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
    page = paging.page(answer.items, answer.by, request.headers.get("range"))
    return StoredReply(page.status, page.headers, _encoder.encode(page.items))


def response(request: Request, answer: Answer | StoredReply) -> Response:
    """Return the response for an answer."""
    if isinstance(answer, Response):
        return answer
    whole = answer if isinstance(answer, StoredReply) else stored(request, answer)
    return Response(whole.body, whole.status, {**_JSON, **whole.headers})


def failure(error: errors.HatobaError) -> StoredReply:
    """Return the reply that tells of an error in Heroku's shape."""
    resource = error.resource if isinstance(error, errors.NotFound) else None
    body = Error(id=error.id, message=error.message, url=error.url, resource=resource)
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
