"""Sending lines to a log server: over HTTP, TCP or TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol
from urllib.parse import unquote, urlsplit, urlunsplit
from uuid import uuid4

import urllib3

from hatoba.logs.drains.frames import frame
from hatoba.model.drain import Drain, SyslogAddress, syslog_address

_SECONDS = 10.0
_TOO_MANY, _SLOW = 429, 408


class Undelivered(Exception):
    """The lines were not taken; ``code`` is Heroku's L code where there is one."""

    def __init__(self, why: str, *, code: str = "", final: bool = False) -> None:
        super().__init__(why)
        self.code = code
        self.final = final
        """The receiver will never take these lines."""


@contextlib.contextmanager
def said_by_http(slow: str) -> Iterator[None]:
    """Turn the errors of an HTTP client into Undelivered; ``slow`` is what a time-out means."""
    try:
        yield
    except urllib3.exceptions.SSLError as error:
        raise Undelivered("its certificate is not valid", code="L14") from error
    except urllib3.exceptions.NewConnectionError as error:
        raise Undelivered("it can't be reached") from error
    except urllib3.exceptions.TimeoutError as error:
        raise Undelivered(slow) from error
    except urllib3.exceptions.HTTPError as error:
        raise Undelivered("the connection was lost") from error


class Sender(Protocol):
    """One connection to one receiver."""

    async def send(self, lines: Sequence[bytes]) -> None:
        """Hand over stored lines. Raises Undelivered; then they may be sent again."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


def sender(drain: Drain) -> Sender:
    """Return the sender for a drain's URL."""
    address = syslog_address(drain.url)
    return SyslogSender(drain, address) if address else HttpSender(drain)


class SyslogSender:
    """Writes counted messages to one connection; there is no acknowledgement in syslog."""

    def __init__(self, drain: Drain, address: SyslogAddress) -> None:
        self._host = drain.token.encode()
        self._address = address
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, lines: Sequence[bytes]) -> None:
        """Write all lines and wait until the system has taken them."""
        try:
            async with asyncio.timeout(_SECONDS):
                writer = await self._connected()
                writer.write(b"".join(frame(line, self._host) for line in lines))
                await writer.drain()
        except ssl.SSLCertVerificationError as error:
            await self.close()
            raise Undelivered(error.verify_message, code="L14") from error
        except TimeoutError as error:
            await self.close()
            raise Undelivered("it does not take lines") from error
        except OSError as error:
            await self.close()
            raise Undelivered(error.strerror or "the connection was lost") from error

    async def _connected(self) -> asyncio.StreamWriter:
        # A receiver that has hung up would swallow what is written next.
        if self._reader is not None and self._reader.at_eof():
            await self.close()
        if self._writer is None:
            context = ssl.create_default_context() if self._address.tls else None
            self._reader, self._writer = await asyncio.open_connection(
                self._address.host, self._address.port, ssl=context
            )
        return self._writer

    async def close(self) -> None:
        """Hang up."""
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()


class HttpSender:
    """Posts batches as logplex does. It has a thread of its own, which may hang."""

    def __init__(self, drain: Drain) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drain")
        self._pool = urllib3.PoolManager(maxsize=1, timeout=_SECONDS, retries=False)
        self._token = drain.token
        parts = urlsplit(drain.url)
        host = parts.netloc.rpartition("@")[2]
        self._url = urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))
        user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        self._login = urllib3.make_headers(basic_auth=user) if parts.username else {}

    async def send(self, lines: Sequence[bytes]) -> None:
        """Post all lines in one request."""
        body = b"".join(frame(line) for line in lines)
        loop = asyncio.get_running_loop()
        status = await loop.run_in_executor(self._thread, self._post, body, len(lines))
        if not 200 <= status < 300:
            lasting = status < 500 and status not in (_SLOW, _TOO_MANY)
            raise Undelivered(f"it answered {status}", final=lasting)

    def _post(self, body: bytes, count: int) -> int:
        headers = {
            "Content-Type": "application/logplex-1",
            "Logplex-Msg-Count": str(count),
            "Logplex-Frame-Id": uuid4().hex.upper(),
            "Logplex-Drain-Token": self._token,
            "User-Agent": "Logplex/v73",
            **self._login,
        }
        with said_by_http("it does not answer"):
            answer = self._pool.request("POST", self._url, body=body, headers=headers)
        return answer.status

    async def close(self) -> None:
        """Let go of the connection, without waiting for one that hangs."""
        self._pool.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)
