from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Literal

import pytest

from hatoba import errors
from hatoba.build import source


def _archive(
    path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: Literal["w", "w:gz"] = "w"
) -> Path:
    with tarfile.open(path, mode) as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def _link(name: str, target: str, kind: bytes) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_files_and_links_come_out(tmp_path: Path, mode: Literal["w", "w:gz"]) -> None:
    target = tmp_path / "app"
    target.mkdir()
    members = [
        (tarfile.TarInfo("app.py"), b"print()"),
        _link("py", "/usr/bin/python3", tarfile.SYMTYPE),
    ]
    source.unpack(_archive(tmp_path / "s.tar", *members, mode=mode), target)
    assert (target / "app.py").read_bytes() == b"print()"
    assert str((target / "py").readlink()) == "/usr/bin/python3"


@pytest.mark.parametrize(
    "member",
    [
        _link("shadow", "../outside", tarfile.LNKTYPE),
        _link("pipe", "", tarfile.FIFOTYPE),
        _link("disk", "", tarfile.BLKTYPE),
        (tarfile.TarInfo("../above"), b"x"),
    ],
    ids=["hard link", "pipe", "device", "above"],
)
def test_what_could_reach_outside_is_refused(
    tmp_path: Path, member: tuple[tarfile.TarInfo, bytes]
) -> None:
    target, outside = tmp_path / "app", tmp_path / "outside"
    target.mkdir()
    outside.write_text("the machine's own")
    with pytest.raises(errors.BuildFailed):
        source.unpack(_archive(tmp_path / "s.tar", member), target)
    assert outside.stat().st_nlink == 1
    assert not (tmp_path / "above").exists()


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    target, outside = tmp_path / "app", tmp_path / "outside"
    target.mkdir()
    outside.mkdir()
    members = [_link("out", str(outside), tarfile.SYMTYPE), (tarfile.TarInfo("out/file"), b"x")]
    with pytest.raises(errors.BuildFailed):
        source.unpack(_archive(tmp_path / "s.tar", *members), target)
    assert list(outside.iterdir()) == []


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "s.tar"
    path.write_bytes(b"not an archive at all")
    with pytest.raises(errors.BuildFailed, match="can't be unpacked"):
        source.unpack(path, tmp_path)


def test_a_link_is_not_read_with_the_daemons_rights(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("web: hidden words")
    (tmp_path / "Procfile").symlink_to(tmp_path / "secret")
    with pytest.raises(errors.BuildFailed, match="not a link"):
        source.text(tmp_path / "Procfile")
    assert source.text(tmp_path / "absent") is None


def test_the_folder_of_a_code_host_around_everything_is_left_out(tmp_path: Path) -> None:
    target = tmp_path / "app"
    target.mkdir()
    members = [
        (tarfile.TarInfo("repo-1a2b3c/app.json"), b"{}"),
        (tarfile.TarInfo("repo-1a2b3c/repo-1a2b3c"), b"the same name"),
    ]
    archive = _archive(tmp_path / "s.tgz", *members, mode="w:gz")
    source.unpack(archive, target)
    assert sorted(path.name for path in target.iterdir()) == ["app.json", "repo-1a2b3c"]
    assert source.read(archive, "app.json", 100) == b"{}"


def test_a_file_at_the_root_is_read(tmp_path: Path) -> None:
    members = [
        (tarfile.TarInfo("deep/app.json"), b"deep"),
        (tarfile.TarInfo("./app.json"), b"0123456789"),
        _link("Procfile", "/etc/passwd", tarfile.SYMTYPE),
    ]
    archive = _archive(tmp_path / "s.tar", *members)
    assert source.read(archive, "app.json", 5) == b"01234"
    assert source.read(archive, "Procfile", 5) is None
    assert source.read(archive, "absent", 5) is None


def test_an_archive_that_was_cut_off_is_told(tmp_path: Path) -> None:
    whole = _archive(tmp_path / "s.tgz", (tarfile.TarInfo("app.json"), b"x" * 5000), mode="w:gz")
    cut = tmp_path / "cut.tgz"
    cut.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(errors.BuildFailed, match="can't be unpacked"):
        source.read(cut, "app.json", 100)
    with pytest.raises(errors.BuildFailed, match="can't be unpacked"):
        source.unpack(cut, tmp_path)
