"""Headers of a request, found by a dict."""

from __future__ import annotations

from hatoba.api.asked import FirstHeaders


def test_the_first_of_several_counts_and_case_does_not() -> None:
    headers = FirstHeaders([(b"host", b"a"), (b"accept", b"\xe9"), (b"host", b"b")])
    assert headers.get("Host") == headers["host"] == "a"
    assert headers.get("ACCEPT") == "é"
    assert headers.get("range") is None
    assert headers.get("range", "x") == "x"
    assert headers.getlist("host") == ["a", "b"]
