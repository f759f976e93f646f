from __future__ import annotations

from pathlib import Path

import pytest

from hatoba.kit.files import private_dir, write_atomic


def test_a_file_is_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomic(path, "one")
    write_atomic(path, "two")
    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    write_atomic(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_private_dir_sets_the_mode_each_time(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    private_dir(folder)
    folder.chmod(0o755)
    assert private_dir(folder).stat().st_mode & 0o777 == 0o700
