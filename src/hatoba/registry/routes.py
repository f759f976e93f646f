"""The registry's addresses.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hatoba import errors
from hatoba.auth.tokens import Tokens
from hatoba.control.platform import Platform
from hatoba.registry import blobs, manifests
from hatoba.registry.admission import Admitted, admit, identify
from hatoba.registry.answers import VERSION, refusal

log = structlog.get_logger("registry")

Handler = Callable[[Admitted], Awaitable[Response]]
_REPOSITORY = "/v2/{app}/{type}"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_HANDLERS: tuple[tuple[str, dict[str, Handler]], ...] = (
    ("/blobs/uploads/", {"POST": blobs.begin}),
    (
        "/blobs/uploads/{upload:uuid}",
        {
            "GET": blobs.status,
            "PATCH": blobs.receive,
            "PUT": blobs.finish,
            "DELETE": blobs.cancel,
        },
    ),
    (
        "/blobs/{digest}",
        {"GET": blobs.fetch, "HEAD": blobs.fetch, "DELETE": blobs.delete},
    ),
    (
        "/manifests/{reference}",
        {
            "GET": manifests.fetch,
            "HEAD": manifests.fetch,
            "PUT": manifests.put,
            "DELETE": manifests.delete,
        },
    ),
    ("/tags/list", {"GET": manifests.tags}),
)


def routes(p: Platform, tokens: Tokens) -> list[Route]:
    """Return the registry's addresses."""

    async def version(request: Request) -> Response:
        try:
            await identify(p, tokens, request)
        except errors.HatobaError as error:
            return refusal(error)
        return JSONResponse({}, headers=VERSION)

    async def nothing(_: Request) -> Response:
        return refusal(errors.NameUnknown())

    served = [
        Route(f"{_REPOSITORY}{path}", _served(p, tokens, handlers), methods=_METHODS)
        for path, handlers in _HANDLERS
    ]
    return [
        Route("/v2", version, methods=["GET"]),
        Route("/v2/", version, methods=["GET"]),
        *served,
        Route("/v2/{rest:path}", nothing, methods=_METHODS),
    ]


def _served(
    p: Platform, tokens: Tokens, handlers: dict[str, Handler]
) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            call = await admit(p, tokens, request)
            handler = handlers.get(request.method)
            if handler is None:
                raise errors.MethodNotAllowed
            return await handler(call)
        except errors.HatobaError as error:
            return refusal(error)
        except ConnectionError:
            # Nobody reads the answer; what has come of an upload is kept.
            return refusal(errors.Unavailable("The connection was lost."))
        except Exception:
            log.exception("a request to the registry broke", path=request.url.path)
            return refusal(errors.HatobaError())

    return serve
