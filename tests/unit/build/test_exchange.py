"""Slugs come and go as Heroku has them, and nothing else does."""

from __future__ import annotations

import errno
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from hatoba import errors
from hatoba.build import exchange

SCRIPT = b"#!/bin/sh\nexec python -m http.server $PORT\n"


def _file(name: str, content: bytes = b"x", mode: int = 0o644) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.uid, entry.uname = len(content), mode, 1000, "somebody"
    return entry, content


def _special(name: str, kind: bytes, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.mode = kind, link, 0o755
    return entry, b""


GOOD = [
    _special("./app", tarfile.DIRTYPE),
    _file("./app/bin/web", SCRIPT, 0o755),
    _special("./app/bin/python", tarfile.SYMTYPE, "/usr/bin/python3"),
    _file("./app/.slugignore", b"*.md\n"),
    _file("./app/README.md", b"# Harbour\n" * 1000),
]


def _archive(
    folder: Path, entries: list[tuple[tarfile.TarInfo, bytes]], mode: str = "w:gz"
) -> Path:
    path = folder / "slug.tgz"
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for entry, content in entries:
            archive.addfile(entry, io.BytesIO(content))
    return path


def _names(packed: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return {member.name: member for member in archive}


def test_a_slug_is_taken_whole_and_given_back_the_same(tmp_path: Path) -> None:
    taken = exchange.take(_archive(tmp_path, GOOD), tmp_path / "store")
    kept = tmp_path / "store" / f"{taken.checksum}.tar.zst"
    assert kept.stat().st_size == taken.size
    plain = zstandard.ZstdDecompressor().stream_reader(kept.read_bytes()).read()
    inner = _names(plain)
    assert set(inner) == {"bin", "bin/web", "bin/python", ".slugignore", "README.md"}
    assert (inner["bin/web"].mode & 0o777, inner["bin/web"].uid) == (0o755, 0)
    given = b"".join(exchange.give(kept))
    assert given[:2] == b"\x1f\x8b"
    assert _names(given)["./app/bin/python"].linkname == "/usr/bin/python3"
    again = tmp_path / "again.tgz"
    again.write_bytes(given)
    assert exchange.take(again, tmp_path / "store") == taken
    assert [path.name for path in (tmp_path / "store").iterdir()] == [kept.name]


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([_file("web", SCRIPT)], "below ./app"),
        ([_file("app", SCRIPT)], "below ./app"),
        ([_file("./app/../../etc/passwd")], "outside of the archive"),
        ([_file("./app/web"), _special("./app/sda", tarfile.BLKTYPE)], "neither a file"),
        (
            [_special("./app/etc", tarfile.SYMTYPE, "/etc"), _file("./app/etc/passwd")],
            "beyond a link",
        ),
        ([_special("./app", tarfile.DIRTYPE)], "no file"),
        ([], "no file"),
    ],
)
def test_what_is_no_slug_leaves_nothing(
    tmp_path: Path, entries: list[tuple[tarfile.TarInfo, bytes]], told: str
) -> None:
    with pytest.raises(errors.InvalidParams, match=told):
        exchange.take(_archive(tmp_path, entries), tmp_path / "store")
    assert list((tmp_path / "store").iterdir()) == []


@pytest.mark.parametrize(
    "spoil", [lambda raw: raw[: len(raw) // 2], lambda _: b"no archive", lambda _: b""]
)
def test_a_damaged_archive_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = _archive(tmp_path, [*GOOD, _file("./app/noise", bytes(range(256)) * 4000)])
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(errors.InvalidParams, match="can't be unpacked"):
        exchange.take(path, tmp_path / "store")
    assert list((tmp_path / "store").iterdir()) == []


def test_an_archive_of_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MAX_ENTRIES", 3)
    with pytest.raises(errors.TooLarge, match="3 files"):
        exchange.take(_archive(tmp_path, GOOD), tmp_path / "store")
    assert list((tmp_path / "store").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "told"), [(errno.ENOSPC, errors.DiskFull), (errno.EINVAL, errors.InvalidParams)]
)
def test_a_full_disk_is_told_from_a_bad_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, told: type[Exception]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(number, "it is so")

    monkeypatch.setattr(exchange, "extract", full)
    with pytest.raises(told):
        exchange.take(_archive(tmp_path, GOOD), tmp_path / "store")
    assert list((tmp_path / "store").iterdir()) == []


def test_an_archive_that_would_fill_the_disk_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MAX_UNPACKED", 1_000_000)
    bomb = _archive(tmp_path, [_file("./app/zeros", bytes(2_000_000))])
    with pytest.raises(errors.TooLarge, match="unpack to"):
        exchange.take(bomb, tmp_path / "store")
    assert list((tmp_path / "store").iterdir()) == []
