from __future__ import annotations

from hatoba.kit.secret import Secret


def test_a_secret_never_shows_itself() -> None:
    secret = Secret("hunter2", key=b"k")
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret:>20}", f"{[secret]}"):
        assert "hunter2" not in shown
        assert secret.fingerprint in shown
    assert secret.reveal() == "hunter2"
    assert str(Secret("hunter2")) == "••••"


def test_secrets_compare_by_value() -> None:
    assert Secret("a", key=b"1") == Secret("a", key=b"2")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
