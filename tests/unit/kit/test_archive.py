"""What comes out of an archive, and what is refused."""

from __future__ import annotations

import io
import stat
import tarfile
from pathlib import Path

import pytest

from hatoba.kit.archive import UntrustedMember, extract


def member(name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o644) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.mode = kind, mode
    return made


def linked(name: str, to: str, kind: bytes) -> tarfile.TarInfo:
    made = member(name, kind)
    made.linkname = to
    return made


def unpacked(
    folder: Path, *members: tuple[tarfile.TarInfo, bytes], hard_links: bool = True
) -> Path:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    packed.seek(0)
    target = folder / "target"
    target.mkdir()
    with tarfile.open(fileobj=packed, mode="r|") as archive:
        extract(archive, target, hard_links=hard_links)
    return target


def test_files_folders_and_modes(tmp_path: Path) -> None:
    target = unpacked(
        tmp_path,
        (member("closed", tarfile.DIRTYPE, 0o555), b""),
        (member("closed/run", mode=0o4777), b"#!"),
        (member("deep/down/file"), b"x"),
    )
    run = target / "closed/run"
    assert stat.S_IMODE(run.stat().st_mode) == 0o755
    assert stat.S_IMODE((target / "closed").stat().st_mode) == 0o555
    assert (target / "deep/down/file").read_bytes() == b"x"
    (target / "closed").chmod(0o755)


def test_the_last_of_two_entries_counts(tmp_path: Path) -> None:
    link = linked("a", "/etc/passwd", tarfile.SYMTYPE)
    target = unpacked(tmp_path, (link, b""), (member("a"), b"mine"))
    assert (target / "a").read_bytes() == b"mine"
    assert not (target / "a").is_symlink()


def test_hard_links_within_the_archive(tmp_path: Path) -> None:
    link = linked("b", "a", tarfile.LNKTYPE)
    target = unpacked(tmp_path, (member("a"), b"x"), (link, b""))
    assert (target / "a").stat().st_ino == (target / "b").stat().st_ino


@pytest.mark.parametrize(
    "members",
    [
        [(member("../x"), b"")],
        [(member("a/../../x"), b"")],
        [(member("pipe", tarfile.FIFOTYPE), b"")],
        [(linked("out", "..", tarfile.SYMTYPE), b""), (member("out/x"), b"")],
        [(linked("out", "..", tarfile.SYMTYPE), b""), (member("out/d", tarfile.DIRTYPE), b"")],
        [(linked("b", "../outside", tarfile.LNKTYPE), b"")],
        [(linked("l", "../outside", tarfile.SYMTYPE), b""), (linked("b", "l", b"1"), b"")],
        [(linked("out", "..", tarfile.SYMTYPE), b""), (linked("b", "out/outside", b"1"), b"")],
        [(member("f"), b""), (member("f/x"), b"")],
        [(member("d", tarfile.DIRTYPE), b""), (member("d"), b"")],
    ],
)
def test_what_could_reach_outside_is_refused(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("the machine's own")
    with pytest.raises(UntrustedMember):
        unpacked(tmp_path, *members)
    assert outside.stat().st_nlink == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["outside", "target"]


def test_hard_links_only_where_they_are_allowed(tmp_path: Path) -> None:
    link = linked("b", "a", tarfile.LNKTYPE)
    with pytest.raises(UntrustedMember):
        unpacked(tmp_path, (member("a"), b"x"), (link, b""), hard_links=False)
