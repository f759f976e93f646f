"""One path of the API as an ASGI application: admit, carry out, answer; never a traceback."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from hatoba import errors
from hatoba.api import decode, respond
from hatoba.api.access import Access, ToApp, WithToken
from hatoba.api.asked import Asked
from hatoba.api.call import Answer, Call, OnApp, Service, SignedIn
from hatoba.auth import access
from hatoba.control.replies import StoredReply
from hatoba.schema.hatoba import VERSION_HEADER

log = structlog.get_logger(__name__)
C = TypeVar("C", bound=Call)
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_UNKNOWN_PATH = (
    "The requested API endpoint was not found. Are you using the right HTTP verb "
    "(i.e. `GET` vs. `POST`), and did you specify your intended version with the `Accept` header?"
)


@dataclass(frozen=True)
class Route(Generic[C]):
    """One line of the table: the handler takes what the access rule makes of a call.

    ``serves`` names the command of the CLI that needs it. With ``streams`` the handler reads
    the body itself. With ``keeps`` the answer depends on nothing but the store, the account, the
    path, the query and the Range, and is kept until the store changes.
    """

    method: str
    path: str
    access: Access[C]
    handler: Callable[[C], Awaitable[Answer]]
    serves: str = ""
    streams: bool = False
    keeps: bool = False


class Endpoint:
    """Answers every request to one path."""

    def __init__(self, service: Service, routes: Mapping[str, Route[Any]]) -> None:
        self._service = service
        self._routes = routes
        # Logged instead of a request's own path, which may be a signed one.
        self._path = next(iter(routes.values())).path
        self._allow = ", ".join(sorted({*routes, *({"HEAD"} if "GET" in routes else ())}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Asked(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=200, headers=respond.PREFLIGHT)
        extra = {"Request-Id": respond.request_ids(request)}
        answer: Response | StoredReply
        try:
            answer = await self._answer(request, extra)
        except errors.HatobaError as error:
            if error.status >= 500:
                log.warning("request failed", path=self._path, error=error.message)
            if isinstance(error, errors.RateLimited):
                extra.update(_rate(0))
            answer = respond.failure(error)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 it is logged, and never shown to the client
            _log(self._path, error, extra["Request-Id"])
            answer = respond.failure(errors.HatobaError())
        response = respond.response(request, answer, extra)
        if request.method == "HEAD" and isinstance(response, StreamingResponse):
            return Response(status_code=response.status_code, headers=dict(response.headers))
        return response

    async def _answer(self, request: Request, extra: dict[str, str]) -> Response | StoredReply:
        if "\0" in request.scope["path"]:
            # Nothing has such a name, and Postgres can't even be asked for it.
            raise errors.NotFound(_UNKNOWN_PATH)
        route = self._pick(request, extra)
        _check_accept(request)
        if route.keeps:
            return await self._kept(route, request, extra)
        call = await route.access.admit(Call(self._service, request))
        _tell_rate(call, extra)
        if request.method not in _CHANGES:
            return await _read(route, call)
        if route.streams:
            return respond.whole(request, await route.handler(call))
        call = replace(call, body=await decode.read(request))
        return await self._change(route, call)

    async def _kept(
        self, route: Route[Any], request: Request, extra: dict[str, str]
    ) -> Response | StoredReply:
        """Answer as before if nothing was written since; whoever asks is counted all the same."""
        access, kept = route.access, self._service.kept
        assert isinstance(access, WithToken | ToApp)  # noqa: S101 the table keeps no others
        signed = await WithToken(access.scope).admit(Call(self._service, request))
        _tell_rate(signed, extra)
        key = (signed.account.id, *_asked(request))
        age = signed.platform.store.age
        found = kept.get(key, age)
        if found is not None:
            return found
        answer = await _read(route, await access.enter(signed))
        if isinstance(answer, StoredReply):
            answer = respond.tagged(answer)
            kept.put(key, age, answer)
        return answer

    def _pick(self, request: Request, extra: dict[str, str]) -> Route[Any]:
        method = "GET" if request.method == "HEAD" else request.method
        route = self._routes.get(method)
        if route is None:
            extra["Allow"] = self._allow
            raise errors.MethodNotAllowed(
                f"{request.url.path} does not answer to {method}, only to {self._allow}."
            )
        return route

    async def _change(self, route: Route[Any], call: Call) -> StoredReply:
        async def carry_out() -> StoredReply:
            return await _carried_out(route, call)

        key = _key(call)
        return await (self._service.replies.once(key, carry_out) if key else carry_out())


def _asked(request: Request) -> tuple[str, bytes, str | None]:
    """Return what is asked for: path, query and range."""
    scope = request.scope
    return scope["path"], scope["query_string"], request.headers.get("range")


def _tell_rate(call: Call, extra: dict[str, str]) -> None:
    if isinstance(call, SignedIn):
        extra.update(_rate(call.remaining))


def _rate(remaining: int) -> dict[str, str]:
    return {"RateLimit-Remaining": str(remaining), "RateLimit-Multiplier": "1"}


async def _read(route: Route[Any], call: Call) -> Response | StoredReply:
    answer = respond.whole(call.request, await route.handler(call))
    if not isinstance(call, OnApp):
        return answer
    version = _version_header(call.app.version)
    if isinstance(answer, StoredReply):
        return replace(answer, headers={**answer.headers, **version})
    answer.headers.update(version)
    return answer


def _log(path: str, error: Exception, ids: str) -> None:
    """Log where an error came from, without its message and variables: they may be secrets."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("request failed", path=path, error=type(error).__name__, ids=ids, traceback=frames)


async def _carried_out(route: Route[Any], call: Call) -> StoredReply:
    """Return the whole reply to a change, an error of the client's included."""
    try:
        reply = respond.stored(call.request, await route.handler(call))
    except errors.HatobaError as error:
        if error.status >= 500:
            raise
        reply = respond.failure(error)
    if not isinstance(call, OnApp):
        return reply
    version = await access.version(call.platform.store, call.app.id)
    return replace(reply, headers={**reply.headers, **_version_header(version)})


def _version_header(version: int | None) -> dict[str, str]:
    return {VERSION_HEADER: str(version)} if version is not None else {}


def _key(call: Call) -> str | None:
    """Return what a request has in common with one that is sent again, and with no other."""
    own = respond.client_id(call.request)
    if own is None or not isinstance(call, SignedIn):
        return None
    parts = (str(call.account.id), own, call.request.method, str(call.request.url))
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + call.body).hexdigest()


def _check_accept(request: Request) -> None:
    """Take every variant of version 3, and those who name no version at all."""
    accept = request.headers.get("accept", "")
    if "version=" not in accept:
        return
    version = accept.partition("version=")[2].partition(",")[0].partition(";")[0].strip(' "')
    if version != "3" and not version.startswith("3."):
        raise errors.NotAcceptable


async def unknown_path(_: Call) -> Answer:
    """Say that there is no such path."""
    raise errors.NotFound(_UNKNOWN_PATH)
