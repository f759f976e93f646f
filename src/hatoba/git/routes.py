"""Smart HTTP: git's three addresses, streamed both ways.

https://git-scm.com/docs/http-protocol
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from hatoba import errors
from hatoba.auth import access, scopes
from hatoba.auth.tokens import Tokens
from hatoba.control.platform import Actor, Platform
from hatoba.git import hook
from hatoba.git.hook import HookServer
from hatoba.git.push import Pushes
from hatoba.git.repositories import Repositories
from hatoba.kit import git, process
from hatoba.model.app import App
from hatoba.model.permission import Permission

_RECEIVE = "git-receive-pack"
_SERVICES = (_RECEIVE, "git-upload-pack")
_UNPACKED_AT_ONCE = 1024 * 1024
_NO_CACHE = {"Cache-Control": "no-cache, max-age=0, must-revalidate"}


class Exchange(Response):
    """An answer that is streamed while the request is still being read.

    Starlette's own streaming answer watches for the client's leaving by reading the request: it
    would take pieces of the pack away.
    """

    def __init__(self, content: AsyncIterator[bytes], media_type: str) -> None:
        self._content = content
        super().__init__(media_type=media_type, headers=_NO_CACHE)
        del self.headers["Content-Length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces as they come."""
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for data in self._content:
            await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class GitDoor:
    """Git's front door. ``open`` before the routes are served."""

    def __init__(self, p: Platform, tokens: Tokens, repos: Path, runtime: Path) -> None:
        """``repos`` is where repositories are kept, ``runtime`` a short private folder."""
        self._p = p
        self._tokens = tokens
        self._hooks = runtime / "hooks"
        self._socket = runtime / "hooks.sock"
        self._repos = Repositories(repos, self._hooks)
        self._pushes = Pushes(p, self._repos)
        self._server = HookServer(self._socket, self._pushes.decide)

    async def open(self) -> None:
        """Install the hook and listen for it."""
        hook.install(self._hooks)
        await self._server.open()

    async def close(self) -> None:
        """Listen for hooks no more."""
        await self._server.close()

    def routes(self) -> list[Route]:
        """Return git's addresses."""
        return [
            Route("/{app}.git/info/refs", self._refs, methods=["GET"]),
            Route("/{app}.git/{service:str}", self._serve, methods=["POST"]),
        ]

    async def _refs(self, request: Request) -> Response:
        service = request.query_params.get("service", "")
        if service not in _SERVICES:
            return PlainTextResponse("Use a git client that speaks smart HTTP.\n", 403)
        try:
            _, app = await self._admit(request, service)
        except errors.HatobaError as error:
            return _refusal(error)
        path = await self._repos.ensure(app.id)
        command = self._repos.serve(service, path, advertise=True)
        refs = await process.check(command, env=_environment(request))
        head = f"# service={service}\n"
        body = f"{len(head) + 4:04x}{head}0000".encode() + refs
        kind = f"application/x-{service}-advertisement"
        return Response(body, media_type=kind, headers=_NO_CACHE)

    async def _serve(self, request: Request) -> Response:
        service = request.path_params["service"]
        if service not in _SERVICES:
            return PlainTextResponse("Not found\n", 404)
        try:
            actor, app = await self._admit(request, service)
        except errors.HatobaError as error:
            return _refusal(error)
        path = await self._repos.ensure(app.id)
        kind = f"application/x-{service}-result"
        answer = self._answer(request, service, path, actor, app)
        return Exchange(answer, kind)

    async def _answer(
        self, request: Request, service: str, path: Path, actor: Actor, app: App
    ) -> AsyncIterator[bytes]:
        token = self._pushes.begin(actor, app)
        env = _environment(request) | hook.variables(self._socket, token)
        command = self._repos.serve(service, path, advertise=False)
        try:
            async for data in process.stream(command, env=env, stdin=_body(request)):
                yield data
        except process.CommandError:
            # git has told its client in its own words, inside the stream.
            return
        finally:
            self._pushes.end(token)
            if service == _RECEIVE:
                await self._pushes.measure(app)

    async def _admit(self, request: Request, service: str) -> tuple[Actor, App]:
        """Return who asks and for which app. Raises Unauthorized, NotFound or Forbidden."""
        identity = await self._tokens.authenticate(request.headers.get("Authorization"))
        needed = scopes.Scope.WRITE if service == _RECEIVE else scopes.Scope.READ
        if not scopes.covers(identity.authorization.scopes, needed):
            raise errors.Forbidden(
                f"The scope of this token does not cover a push or fetch: it needs {needed}."
            )
        name = request.path_params["app"]
        app = await access.app(self._p.store, identity.account, name, Permission.DEPLOY)
        return Actor(identity.account), app


def _refusal(error: errors.HatobaError) -> Response:
    headers = {"WWW-Authenticate": 'Basic realm="Hatoba"'} if error.status == 401 else {}
    return PlainTextResponse(f"{error.message}\n", error.status, headers)


def _environment(request: Request) -> dict[str, str]:
    protocol = request.headers.get("Git-Protocol", "")
    return git.environment({"GIT_PROTOCOL": protocol} if protocol else {})


async def _body(request: Request) -> AsyncIterator[bytes]:
    """Yield the request's body as it comes, unpacked when git has packed it."""
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    packed = request.headers.get("Content-Encoding", "") in ("gzip", "x-gzip")
    try:
        async for data in request.stream():
            if not packed and data:
                yield data
            # Little that is sent may be much when it is unpacked.
            left = data if packed else b""
            while left:
                yield unpack.decompress(left, _UNPACKED_AT_ONCE)
                left = unpack.unconsumed_tail
    except (ClientDisconnect, zlib.error):
        return
