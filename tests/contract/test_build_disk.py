"""Builds on a disk that is too small: a clear error, and nothing half done is left on it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatoba import errors
from hatoba.build.runtimes import Runtimes
from tests.contract.yard import Yard

DISK = "16m"


@pytest.fixture
def cramped(tmp_path: Path, yard: Yard, found: Runtimes) -> Iterator[Yard]:
    """A yard whose builder works on a disk of 16 MB of its own."""
    if os.getuid() != 0:
        pytest.skip("a small disk of its own needs root, to mount a tmpfs")
    disk = yard.folder / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=711", "tmpfs", str(disk)]
    done = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small disk of its own needs a tmpfs: {done.stderr.strip()}")
    yield Yard(yard.folder, found, disk)
    subprocess.run(["umount", str(disk)], check=True)


def _files(yard: Yard) -> list[str]:
    return sorted(p.name for p in yard.work.rglob("*") if p.is_file())


async def _refused(yard: Yard, *packs: str) -> None:
    with pytest.raises(errors.DiskFull) as caught:
        await yard.build(*packs)
    assert caught.value.message.startswith("No space is left on the platform's disk")
    assert "Free some space, then push again." in caught.value.message
    assert "\n" not in caught.value.message


async def test_a_full_disk_keeps_the_last_slug_and_nothing_of_the_build(cramped: Yard) -> None:
    cramped.write(Procfile="web: x\n")
    before = await cramped.build()
    kept = [f"{before.checksum}.tar.zst"]
    assert _files(cramped) == kept
    floods = {
        "the app": 'head -c 40M /dev/zero > "$1/big" || exit 1',
        "the cache": 'head -c 40M /dev/zero > "$2/big" || exit 1',
        "silently": 'head -c 40M /dev/zero > "$1/big" 2>/dev/null || exit 1',
        "in packing": 'head -c 10M /dev/urandom > "$1/noise"',
    }
    for name, compiling in floods.items():
        await _refused(cramped, cramped.pack(name, compiling))
        assert _files(cramped) == kept, name
    cramped.write(Procfile="web: y\n")
    after = await cramped.build()
    assert _files(cramped) == sorted([*kept, f"{after.checksum}.tar.zst"])


async def test_a_source_that_does_not_fit(cramped: Yard) -> None:
    cramped.write(Procfile="web: x\n", big="x" * 20_000_000)
    await _refused(cramped)
    assert _files(cramped) == []


async def test_a_buildpack_that_does_not_fit(cramped: Yard) -> None:
    pack = cramped.pack("heavy", "true")
    (Path(pack) / "data").write_bytes(bytes(20_000_000))
    cramped.write(Procfile="web: x\n")
    await _refused(cramped, pack)
    assert _files(cramped) == []


async def test_a_python_build_that_does_not_fit(cramped: Yard) -> None:
    cramped.write(requirements__txt="django==5.2\n")
    await _refused(cramped)
    assert _files(cramped) == []


async def test_a_build_that_fails_by_itself_is_not_blamed_on_the_disk(cramped: Yard) -> None:
    failing = cramped.pack("failing", "exit 1")
    with pytest.raises(errors.BuildFailed, match="failing buildpack failed"):
        await cramped.build(failing)


async def test_what_a_killed_daemon_left_unpacked_goes_with_the_unused_slugs(yard: Yard) -> None:
    store = yard.builder.slug("used").parent
    left = store / ".half-unpacked"
    (left / "app").mkdir(parents=True)
    for path in (yard.builder.slug("used"), yard.builder.slug("unused")):
        path.write_bytes(b"slug")
    for path in store.iterdir():
        os.utime(path, (0, 0))
    assert await yard.builder.keep_only({"used"}) == 2
    assert [path.name for path in store.iterdir()] == ["used.tar.zst"]
