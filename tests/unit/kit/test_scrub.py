from __future__ import annotations

import base64
import itertools
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.kit.scrub import MIN_LENGTH, Scrubber

SECRETS = st.text(min_size=MIN_LENGTH, max_size=30)


def _shown(secrets: list[str], pieces: list[bytes]) -> bytes:
    scrubber = Scrubber(secrets)
    return b"".join(map(scrubber.feed, pieces)) + scrubber.close()


@given(SECRETS, st.binary(max_size=20), st.binary(max_size=20), st.lists(st.integers(0, 80)))
def test_a_value_never_passes_however_it_is_cut(
    secret: str, before: bytes, after: bytes, cuts: list[int]
) -> None:
    text = before + secret.encode() + after
    borders = [0, *sorted(min(c, len(text)) for c in cuts), len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(borders)]
    assert secret.encode() not in _shown([secret], pieces)


def test_a_value_that_begins_like_its_own_end_is_not_cut_in_two() -> None:
    assert b"abcabc" not in _shown(["abcabc"], [b"abcabc", b"!"])


@pytest.mark.parametrize(
    "form",
    [
        quote("s3cr&t/word", safe=""),
        json.dumps('s3cr&t/word"')[1:-1],
        base64.b64encode(b"s3cr&t/word").decode(),
        base64.b64encode(b"user:s3cr&t/word").decode(),
        base64.b64encode(b"ab:s3cr&t/word").decode(),
    ],
)
def test_other_forms_are_masked(form: str) -> None:
    shown = _shown(["s3cr&t/word", 's3cr&t/word"'], [form.encode()])
    assert shown.count("••••".encode()) == 1
    assert len(shown) < len(form) + 12


def test_the_password_of_a_url_is_masked_alone_too() -> None:
    shown = _shown(["postgres://u:p4ssw0rd@host/db"], [b"password is p4ssw0rd"])
    assert shown == "password is ••••".encode()


def test_ordinary_and_short_values_stay() -> None:
    text = b"production uses port 8080\n"
    assert _shown(["production", "8080", "", "on"], [text]) == text


def test_output_is_held_back_only_where_a_secret_may_begin() -> None:
    scrubber = Scrubber(["swordfish"])
    assert scrubber.feed(b"a whole line\n") == b"a whole line\n"
    assert scrubber.feed(b"prompt: sword") == b"prompt: "
    assert scrubber.feed(b"s are sharp") == b"swords are sharp"
