from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hatoba.kit.text import Indent


def indented(*pieces: bytes) -> bytes:
    indent = Indent(b"  ")
    return b"".join([*(indent.piece(piece) for piece in pieces), indent.end()])


def test_a_line_that_comes_in_pieces_is_indented_once() -> None:
    assert indented(b"Applying 0001...", b" OK\n", b"Done\n") == b"  Applying 0001... OK\n  Done\n"


def test_a_line_that_nothing_ends_is_ended() -> None:
    assert indented(b"one\ntwo") == b"  one\n  two\n"
    assert indented() == b""


@given(st.lists(st.sampled_from([b"", b"a", b"b c", b"\n", b"x\n", b"\n\n", b"y\nz"])))
def test_pieces_do_not_matter(pieces: list[bytes]) -> None:
    assert indented(*pieces) == indented(b"".join(pieces))
