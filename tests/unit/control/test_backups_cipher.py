"""Encrypted dumps: whole and unchanged, or not at all."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.control.backups_cipher import HEADER_BYTES, PIECE, SEALED_PIECE, Damaged, Opener, Sealer

KEY = b"k" * 32


def sealed(pieces: Iterable[bytes], key: bytes = KEY) -> bytes:
    sealer = Sealer(key)
    body = [part for piece in pieces for part in sealer.feed(piece)]
    return sealer.header + b"".join(body) + sealer.finish()


def opened(data: bytes, step: int = 10_000, key: bytes = KEY) -> bytes:
    opener = Opener(key)
    found = [part for at in range(0, len(data), step) for part in opener.feed(data[at : at + step])]
    return b"".join(found) + opener.finish()


@given(st.lists(st.integers(0, 3 * PIECE), max_size=4), st.integers(1_000, 200_000))
def test_what_was_sealed_comes_back(sizes: list[int], step: int) -> None:
    pieces = [bytes([n % 251]) * size for n, size in enumerate(sizes)]
    assert opened(sealed(pieces), step) == b"".join(pieces)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_every_cut_is_noticed(size: int) -> None:
    whole = sealed([b"x" * size])
    for cut in {0, 1, HEADER_BYTES - 1, HEADER_BYTES, len(whole) // 2, len(whole) - 1}:
        with pytest.raises(Damaged):
            opened(whole[:cut])


def test_cutting_between_two_pieces_is_noticed() -> None:
    whole = sealed([b"x" * (3 * PIECE)])
    with pytest.raises(Damaged):
        opened(whole[: HEADER_BYTES + SEALED_PIECE])


def test_pieces_that_changed_places_are_noticed() -> None:
    whole = sealed([b"a" * PIECE, b"b" * PIECE, b"c"])
    first, second = HEADER_BYTES, HEADER_BYTES + SEALED_PIECE
    swapped = whole[:first] + whole[second : second + SEALED_PIECE]
    swapped += whole[first:second] + whole[second + SEALED_PIECE :]
    with pytest.raises(Damaged):
        opened(swapped)


@given(st.integers(0, HEADER_BYTES + 100 + 15))
def test_a_changed_byte_is_noticed(at: int) -> None:
    whole = bytearray(sealed([b"x" * 100]))
    whole[at] ^= 1
    with pytest.raises(Damaged):
        opened(bytes(whole))


def test_more_at_the_end_is_noticed() -> None:
    with pytest.raises(Damaged):
        opened(sealed([b"x"]) + b"y")


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Damaged):
        opened(sealed([b"x"]), key=b"l" * 32)


def test_the_plain_text_is_not_in_the_file() -> None:
    assert b"secret" not in sealed([b"secret" * 1000])
