"""Who is let in to which repository: the API's tokens, scopes and permissions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.requests import Request

from hatoba import errors
from hatoba.auth import access, scopes
from hatoba.auth.scopes import Scope
from hatoba.auth.tokens import Identity, Tokens, basic_pair
from hatoba.control import apps, build_passes
from hatoba.control.platform import Platform
from hatoba.model.app import App
from hatoba.model.cloud_native import IMAGE, RUN_IMAGE
from hatoba.model.permission import Permission
from hatoba.model.release import Build

# https://github.com/opencontainers/distribution-spec: a component of a name; Heroku's process
# types have neither dots nor capitals here.
_TYPE = re.compile(r"[a-z0-9]+(?:[_-]{1,2}[a-z0-9]+)*")
_MOST = 30


@dataclass(frozen=True)
class Admitted:
    """A request about the repository of a process type of an app; a build has no identity."""

    p: Platform
    request: Request
    identity: Identity | None
    app: App
    type: str

    @property
    def path(self) -> str:
        """The repository's address."""
        return f"/v2/{self.app.name}/{self.type}"

    def part(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])


async def admit(p: Platform, tokens: Tokens, request: Request) -> Admitted:
    """Let a request in. Raises Unauthorized, Forbidden, NotFound, NameUnknown."""
    name, reads = request.path_params["type"], _reads(request)
    build = await _build(p, request)
    if build is not None:
        return Admitted(p, request, None, await _own(p, request, build, reads=reads), name)
    identity = await tokens.authenticate(request.headers.get("authorization"))
    if any("\0" in str(part) for part in request.path_params.values()):
        raise errors.NameUnknown
    _check_scope(identity, Scope.READ_PROTECTED if reads else Scope.WRITE)
    if not _TYPE.fullmatch(name) or len(name) > _MOST:
        raise errors.NameUnknown(
            f"{name[:40]!r} is no process type: small letters, digits, dashes."
        )
    app = await access.app(p.store, identity.account, request.path_params["app"], Permission.DEPLOY)
    return Admitted(p, request, identity, app, name)


def _reads(request: Request) -> bool:
    return request.method in ("GET", "HEAD") and "upload" not in request.path_params


async def _build(p: Platform, request: Request) -> Build | None:
    """Return the build that asks, if one does."""
    pair = basic_pair(request.headers.get("authorization"))
    return await build_passes.bearer(p, *pair) if pair else None


async def _own(p: Platform, request: Request, build: Build, *, reads: bool) -> App:
    """Return the app of a build, which adds to its image and reads what that lies on."""
    app, asked = await apps.by_id(p, build.app_id), request.path_params
    allowed = (IMAGE, RUN_IMAGE) if reads else (IMAGE,)
    if asked["app"] != app.name or asked["type"] not in allowed or request.method == "DELETE":
        raise errors.Forbidden("A build may only add to the image of its own app.")
    return app


async def identify(p: Platform, tokens: Tokens, request: Request) -> None:
    """See that somebody asks who may be let in somewhere. Raises Unauthorized."""
    if await _build(p, request) is None:
        await tokens.authenticate(request.headers.get("authorization"))


async def readable(call: Admitted, repository: str) -> App | None:
    """Return the app of another repository if the account may read it."""
    name = repository.partition("/")[0].replace("\0", "")
    if call.identity is None:
        return call.app if name == call.app.name else None
    try:
        _check_scope(call.identity, Scope.READ_PROTECTED)
        return await access.app(call.p.store, call.identity.account, name, Permission.DEPLOY)
    except (errors.NotFound, errors.Forbidden):
        return None


def _check_scope(identity: Identity, needed: Scope) -> None:
    if not scopes.covers(identity.authorization.scopes, needed):
        raise errors.Forbidden(
            f"The scope of this token does not cover this request, which needs {needed}."
        )
