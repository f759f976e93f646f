from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.build.dockerignore import Ignored


@pytest.mark.parametrize(
    ("text", "path", "out"),
    [
        ("", "a", False),
        ("# a\n\na", "a", True),
        ("# a", "a", False),
        ("a", "a/b/c", True),
        ("a", "b/a", False),
        ("**/a", "b/c/a", True),
        ("**/a", "a", True),
        ("/a/", "a", True),
        ("./a", "a", True),
        ("*.md", "x.md", True),
        ("*.md", "b/x.md", False),
        ("**/*.md", "b/x.md", True),
        ("a/**", "a/b/c", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("[a-c]x", "bx", True),
        ("[^a-c]x", "bx", False),
        ("[z-a]x", "bx", False),
        (r"\*", "*", True),
        (r"\*", "b", False),
        ("*\n!keep", "keep", False),
        ("*\n!keep", "other", True),
        ("node\n!node/keep", "node/keep/x", False),
        ("!keep\nkeep", "keep", True),
        ("*", "Dockerfile", False),
    ],
)
def test_the_last_pattern_that_fits_decides(text: str, path: str, *, out: bool) -> None:
    assert Ignored(text, kept=("Dockerfile",)).leaves_out(path) is out


@given(st.text(), st.text(min_size=1))
def test_any_text_is_read(text: str, path: str) -> None:
    assert Ignored(text).leaves_out(path) in (True, False)
