"""A dump that somebody else keeps, fetched from its URL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import urllib3

from hatoba import errors

_PIECE = 1024 * 1024
_REDIRECTS = urllib3.Retry(0, redirect=5)
_TIMEOUT = urllib3.Timeout(connect=10, read=60)


async def fetch(url: str) -> AsyncIterator[bytes]:
    """Give what a http or https URL gives. Raises InvalidParams when it breaks off.

    The URL may be its own credential, so no message repeats it.
    """
    with urllib3.PoolManager(timeout=_TIMEOUT) as pool:
        try:
            answer = await asyncio.to_thread(
                pool.request, "GET", url, preload_content=False, retries=_REDIRECTS
            )
            with answer:
                if answer.status != 200:
                    raise errors.InvalidParams(f"The dump's URL answers {answer.status}.")
                while piece := await asyncio.to_thread(answer.read, _PIECE):
                    yield piece
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise errors.InvalidParams(
                f"The dump could not be fetched from its URL: {_why(error)}."
            ) from error


def _why(error: Exception) -> str:
    """Say what went wrong, without the URL: who has it can read the dump."""
    reason = getattr(error, "reason", None) or error
    causes = [one for one in (reason.__cause__, *reason.args) if isinstance(one, OSError)]
    return next((one.strerror for one in causes if one.strerror), type(reason).__name__)
