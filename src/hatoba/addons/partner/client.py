"""Calls to add-on providers: bounded in time and size, off the event loop, never a redirect."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import urllib3

import hatoba

# https://devcenter.heroku.com/articles/add-on-partner-api-reference: within 25 s, in JSON.
REQUEST_SECONDS = 25.0
_CONNECT_SECONDS = 5.0
_MAX_BODY = 1024 * 1024
_PIECE = 65536
# Providers that hang must not hold up the others.
_THREADS = 16
_ACCEPT = "application/vnd.heroku-addons+json; version=3"


@dataclass(frozen=True)
class Credentials:
    """What a provider knows the platform by."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What a provider answered; ``body`` is empty where it was no JSON object.

    ``foreign`` tells that there was something else than that, a web page for instance.
    """

    status: int
    body: Mapping[str, object] = field(repr=False)
    foreign: bool = False


class Unanswered(Exception):
    """A provider could not be reached, or did not answer whole or in time; says which."""


class PartnerClient:
    """Calls providers."""

    def __init__(self, *, seconds: float = REQUEST_SECONDS) -> None:
        """``seconds`` is how long one answer may take, the last byte of it included."""
        self._seconds = seconds
        self._pool = urllib3.PoolManager(
            maxsize=_THREADS, retries=False, ssl_context=ssl.create_default_context()
        )
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="provider")

    async def call(
        self,
        method: str,
        url: str,
        credentials: Credentials,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        """Send one request and return its answer, whatever its status. Raises Unanswered."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._call, method, url, credentials, body)

    def close(self) -> None:
        """Begin no more calls; those under way end by their time limits."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._pool.clear()

    def _call(
        self,
        method: str,
        url: str,
        credentials: Credentials,
        body: Mapping[str, object] | None,
    ) -> Answer:
        deadline = time.monotonic() + self._seconds
        pair = f"{credentials.user}:{credentials.password}"
        headers = {
            "Accept": _ACCEPT,
            "User-Agent": f"hatoba/{hatoba.__version__}",
            **urllib3.make_headers(basic_auth=pair),
        }
        raw = None if body is None else json.dumps(body).encode()
        if raw is not None:
            headers["Content-Type"] = "application/json"
        timeout = urllib3.Timeout(connect=min(_CONNECT_SECONDS, self._seconds), read=self._seconds)
        try:
            answer = self._pool.request(
                method,
                url,
                body=raw,
                headers=headers,
                timeout=timeout,
                redirect=False,
                preload_content=False,
            )
            whole = self._read(answer, deadline)
            found = _object(whole)
            return Answer(answer.status, found or {}, foreign=found is None and bool(whole.strip()))
        except urllib3.exceptions.TimeoutError as error:
            raise Unanswered(f"did not answer within {self._seconds:g} s") from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unanswered(f"could not be reached ({type(error).__name__})") from error

    def _read(self, answer: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        """Read the body; one that is too big, or comes in drops, is given up."""
        whole = bytearray()
        try:
            for piece in answer.stream(_PIECE):
                whole += piece
                if len(whole) > _MAX_BODY:
                    raise Unanswered("answered with more than 1 MB")
                if time.monotonic() > deadline:
                    raise Unanswered(f"did not answer within {self._seconds:g} s")
        except BaseException:
            answer.close()
            raise
        answer.release_conn()
        return bytes(whole)


def _object(raw: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
