from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from hatoba.engines.swarm.progress import Malformed, Progress


def varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def message(*fields: tuple[int, bytes | int]) -> bytes:
    found = b""
    for number, value in fields:
        if isinstance(value, int):
            found += varint(number << 3) + varint(value)
        else:
            found += varint(number << 3 | 2) + varint(len(value)) + value
    return found


def step(key: bytes, name: bytes, *more: tuple[int, bytes | int]) -> bytes:
    return message((1, message((1, key), (3, name), *more)))


def printed(key: bytes, text: bytes) -> bytes:
    return message((3, message((1, key), (3, 1), (4, text))))


STARTED, COMPLETED = (5, b"\x08\x01"), (6, b"\x08\x02")


def test_steps_are_told_once_with_what_they_print() -> None:
    progress = Progress()
    assert progress.feed(step(b"a", b"RUN make")) == b""
    assert progress.feed(step(b"a", b"RUN make", STARTED)) == b"#1 RUN make\n"
    assert progress.feed(step(b"b", b"COPY . /", (4, 1), STARTED)) == b"#2 CACHED COPY . /\n"
    assert progress.feed(printed(b"a", b"one\ntw")) == b"#1 one\n"
    assert progress.feed(printed(b"a", b"o\nrest")) == b"#1 two\n"
    ended = step(b"a", b"RUN make", STARTED, COMPLETED, (7, b"exit code: 2"))
    assert progress.feed(ended) == b"#1 rest\n#1 ERROR: exit code: 2\n"


def test_what_nobody_asks_for_is_not_told() -> None:
    progress = Progress()
    internal = step(b"a", b"[internal] load remote build context", STARTED, COMPLETED)
    assert progress.feed(internal) == b""
    assert progress.feed(printed(b"a", b"x\n") + printed(b"unknown", b"x\n")) == b""


def test_fields_of_other_kinds_are_passed_over() -> None:
    fixed = varint(9 << 3 | 1) + bytes(8) + varint(10 << 3 | 5) + bytes(4)
    assert Progress().feed(fixed + step(b"a", b"RUN x", STARTED)) == b"#1 RUN x\n"


@given(st.binary())
def test_what_is_malformed_is_refused_or_passed_over(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(Progress().feed(raw), bytes)
