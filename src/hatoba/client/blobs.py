"""Archives at URLs that carry their own permission: the token does not go along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from hatoba.client import origin
from hatoba.client.api import Api
from hatoba.client.errors import ApiError, ClientError, Unreachable
from hatoba.client.transport import Dropped, Response, Transport
from hatoba.schema.platform import Error

_REDIRECTS = 5
_IDLE_SECONDS = 60.0
_MOVED = frozenset({301, 302, 303, 307, 308})


def put(api: Api, url: str, archive: Path) -> None:
    """Put a file to a URL that the platform gave. Raises ApiError when it is refused."""
    transport, target = _open(api, url)
    length = {"Content-Length": str(archive.stat().st_size)}
    try:
        with archive.open("rb") as file:
            answer = transport.request("PUT", target, length, file)
    except Dropped as error:
        raise Unreachable("The connection was lost during the upload. Try again.") from error
    finally:
        transport.close()
    if answer.status >= 400:
        raise _refused(answer)


def _refused(answer: Response) -> ApiError:
    try:
        error = msgspec.json.decode(answer.body, type=Error)
    except msgspec.MsgspecError:
        return ApiError(answer.status, "upload", f"The upload was refused with {answer.status}.")
    return ApiError(answer.status, error.id, error.message)


def fetch(api: Api, url: str, target: Path, most: int) -> None:
    """Put what a URL gives into a new file, ``most`` bytes at the most.

    Raises ApiError when it gives nothing, ClientError when it gives more, Unreachable when it
    ends too early.
    """
    headers, pieces = _found(api, url)
    size = 0
    try:
        with target.open("xb") as file:
            for piece in pieces:
                size += len(piece)
                if size > most:
                    raise ClientError(f"The download is larger than {most} bytes.")
                file.write(piece)
    except Dropped as error:
        raise _cut_off() from error
    if size < int(headers.get("content-length", "0")):
        raise _cut_off()


def _found(api: Api, url: str) -> tuple[Mapping[str, str], Iterator[bytes]]:
    for _ in range(_REDIRECTS):
        transport, path = _open(api, url)
        try:
            status, headers, pieces = transport.stream(path, {}, idle=_IDLE_SECONDS)
        except Dropped as error:
            raise _cut_off() from error
        if status == 200:
            return headers, pieces
        transport.close()
        if status not in _MOVED or "location" not in headers:
            raise ApiError(status, "download", f"The download was refused with {status}.")
        url = headers["location"]
    raise ClientError("The download is forwarded from one place to another without end.")


def _cut_off() -> Unreachable:
    return Unreachable("The connection was lost during the download. Try again.")


def _open(api: Api, url: str) -> tuple[Transport, str]:
    where, target = origin.parse(url)
    ca = api.target.ca if where.port == api.target.origin.port else None
    return Transport(where, ca=ca), target
