"""What BuildKit tells of a build, as lines for people. Pure.

The engine sends it as Protocol Buffers, of which these fields are read:
https://github.com/moby/buildkit/blob/master/api/services/control/control.proto
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# Of the whole: steps, and what they print. Of a step: its key, name and times; of what it prints:
# the step's key, and the text.
_STEP, _PRINTED = 1, 3
_KEY, _NAME, _CACHED, _STARTED, _COMPLETED, _ERROR = 1, 3, 4, 5, 6, 7
_LOG_KEY, _LOG_TEXT = 1, 4
# Nobody asks how the builder gets the source, nor how it puts the image away.
_OWN_AFFAIRS = ("[internal]", "copy /context", "exporting to")


class Malformed(ValueError):
    """That is not what BuildKit says."""


@dataclass
class _Step:
    number: int
    name: str = ""
    told: bool = False
    line: bytearray = field(default_factory=bytearray)


class Progress:
    """Follows one build."""

    def __init__(self) -> None:
        self._steps: dict[bytes, _Step] = {}

    def feed(self, message: bytes) -> bytes:
        """Return the lines that a message adds. Raises Malformed."""
        found = b""
        for number, value in _fields(message):
            if number == _STEP and isinstance(value, bytes):
                found += self._step(dict(_fields(value)))
            elif number == _PRINTED and isinstance(value, bytes):
                found += self._printed(dict(_fields(value)))
        return found

    def _step(self, said: dict[int, int | bytes]) -> bytes:
        name = _bytes(said.get(_NAME)).decode(errors="replace")
        key = _bytes(said.get(_KEY))
        if name.startswith(_OWN_AFFAIRS) or not (said.get(_STARTED) or said.get(_CACHED)):
            return b""
        step = self._steps.setdefault(key, _Step(len(self._steps) + 1, name))
        found = b""
        if not step.told:
            step.told = True
            cached = "CACHED " if said.get(_CACHED) else ""
            found = f"#{step.number} {cached}{name}\n".encode()
        if said.get(_COMPLETED):
            found += self._rest(step)
        if error := _bytes(said.get(_ERROR)):
            found += b"#%d ERROR: %s\n" % (step.number, error)
        return found

    def _printed(self, said: dict[int, int | bytes]) -> bytes:
        key = _bytes(said.get(_LOG_KEY))
        step = self._steps.get(key)
        if step is None:
            return b""
        step.line += _bytes(said.get(_LOG_TEXT))
        *lines, rest = bytes(step.line).split(b"\n")
        step.line = bytearray(rest)
        return b"".join(b"#%d %s\n" % (step.number, line) for line in lines)

    @staticmethod
    def _rest(step: _Step) -> bytes:
        rest, step.line = bytes(step.line), bytearray()
        return b"#%d %s\n" % (step.number, rest) if rest else b""


def _bytes(value: int | bytes | None) -> bytes:
    return value if isinstance(value, bytes) else b""


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Give the fields of a message by number: https://protobuf.dev/programming-guides/encoding/."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == _VARINT:
            value: int | bytes
            value, at = _varint(message, at)
        else:
            size, at = _size(message, at, kind)
            value, at = message[at : at + size], at + size
            if at > len(message):
                raise Malformed("a field is cut off")
        yield tag >> 3, value


def _size(message: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == _BYTES:
        return _varint(message, at)
    if kind in (_FIXED64, _FIXED32):
        return (8 if kind == _FIXED64 else 4), at
    raise Malformed(f"a field is of kind {kind}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at
    raise Malformed("a number is cut off")
