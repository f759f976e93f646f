"""How hatobad and the runner talk: frames of a JSON header and raw bytes, over a unix socket.

A frame is two big-endian 32-bit lengths, the header and the payload. Standard library only,
because the runner must stay small.
"""

from __future__ import annotations

import json
import struct
from typing import Any

_LENGTHS = struct.Struct(">II")
# Far above any request; a longer one is a fault of the other side.
MAX_HEADER = 4 * 1024 * 1024
MAX_PAYLOAD = 4 * 1024 * 1024

Header = dict[str, Any]


class WireError(Exception):
    """The other side does not speak this protocol."""


def encode(header: Header, payload: bytes = b"") -> bytes:
    """Return one frame."""
    raw = json.dumps(header, separators=(",", ":")).encode()
    return _LENGTHS.pack(len(raw), len(payload)) + raw + payload


class Decoder:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Take what was received."""
        self._buffer += data

    def next(self) -> tuple[Header, bytes] | None:
        """Return the next whole frame, or None until there is one. Raises WireError."""
        buffer = self._buffer
        if len(buffer) < _LENGTHS.size:
            return None
        header, payload = _LENGTHS.unpack_from(buffer)
        if header > MAX_HEADER or payload > MAX_PAYLOAD:
            raise WireError("a frame is too long")
        middle, end = _LENGTHS.size + header, _LENGTHS.size + header + payload
        if len(buffer) < end:
            return None
        try:
            found = json.loads(bytes(buffer[_LENGTHS.size : middle])), bytes(buffer[middle:end])
        except ValueError:
            raise WireError("a frame's header is not JSON") from None
        del buffer[:end]
        return found

    def rest(self) -> bytes:
        """Return what was received after the last frame that was taken."""
        data = bytes(self._buffer)
        self._buffer.clear()
        return data
