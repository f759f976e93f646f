from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from hatoba import errors
from hatoba.control.vault import Vault


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    sealed = Vault.open(path).seal(b"hello", "here")
    assert path.stat().st_mode & 0o777 == 0o600
    assert Vault.open(path).unseal(sealed, "here") == b"hello"


def test_what_is_bound_elsewhere_or_damaged_stays_sealed(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path / "vault.key")
    sealed = vault.seal(b"hello", "here")
    for wrong in (sealed, "there"), (sealed[:-1] + b"x", "here"), (b"", "here"):
        with pytest.raises(errors.HatobaError, match="can't be read"):
            vault.unseal(*wrong)


def test_a_damaged_key_file_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    path.write_bytes(b"short")
    with pytest.raises(errors.StartupError, match="damaged"):
        Vault.open(path)


def test_config_vars_come_back(tmp_path: Path) -> None:
    vault, app_id = Vault.open(tmp_path / "k"), uuid4()
    sealed = vault.seal_config(app_id, {"KEY": "välue"})
    assert b"KEY" not in sealed
    assert vault.unseal_config(app_id, sealed) == {"KEY": "välue"}


def test_signatures_are_for_one_purpose(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path / "k")
    signature = vault.sign("stream", "7")
    assert vault.verify("stream", "7", signature)
    assert not vault.verify("logs", "7", signature)
    assert not vault.verify("stream", "8", signature)
    assert not vault.verify("stream", "7", "é")


def test_fingerprints_differ_by_app(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path / "k")
    apps = [uuid4() for _ in range(8)]
    assert len({vault.fingerprint(a, "same") for a in apps}) > 1
    assert vault.fingerprint(apps[0], "same") == vault.fingerprint(apps[0], "same")
