"""Stacks of their own for dynos in containers, here one of a few programs."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
import zstandard

from hatoba import errors
from hatoba.build import runtimes, stacks
from hatoba.cli import stacks as making
from hatoba.client.errors import ClientError
from tests.contract.engine_rigs import PRINTS, SwarmRig, rigged, runs_to_end, spec
from tests.docker_engine import DockerEngine

PROGRAMS = ("bash", "cat", "ls", "sh")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stack of what a dyno needs at the least, taken from this machine."""
    path = tmp_path_factory.mktemp("stack") / "small.tar.zst"
    note = path.parent / "note"
    note.write_text("of the stack\n")
    with (
        path.open("wb") as file,
        zstandard.ZstdCompressor().stream_writer(file) as packed,
        tarfile.open(fileobj=packed, mode="w|", dereference=True) as tar,
    ):
        for name in needed():
            tar.add(name, name.lstrip("/"))
        tar.add(note, "etc/note")
    return path


def needed() -> list[str]:
    """The programs and their libraries, by the paths that the loader looks for."""
    found = set()
    for program in (f"/bin/{name}" for name in PROGRAMS):
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)
        found |= {program, *re.findall(r"(/\S+) \(0x", listed.stdout)}
    return sorted(found)


async def test_dynos_run_on_a_stack(docker: DockerEngine, archive: Path) -> None:
    async with rigged(SwarmRig(docker, archive)) as rig:
        engine = await rig.engine()
        end, printed = await runs_to_end(engine, spec(f"cat /etc/note; ls /bin; {PRINTS}"))
        assert printed.decode().split("\n") == ["of the stack", *PROGRAMS, "one", "two", ""]
        assert end.status == 3
        images = [name for image in await engine.docker.images() for name in image["RepoTags"]]
        assert len(images) == 2  # The stack and one slug's: of the machine's system nothing.
        [stack] = [name for name in images if "/stack:" in name]
        again = archive.parent / "again.tar.zst"
        await _from_image(docker, stack, again)
        root = await stacks.unpacked(again, rig.work / "stack")
        assert (root / "etc/note").read_text() == "of the stack\n"


async def _from_image(docker: DockerEngine, image: str, target: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DOCKER_HOST", f"unix://{docker.socket}")
        if shutil.which("docker") is None:
            pytest.skip("there is no docker command")
        said: list[str] = []
        size = await making.from_image(image, target, said.append)
        assert (size, said) == (target.stat().st_size, ["fetching", "compressing"])
        patched.setattr(making, "processor", lambda: "s390x")
        with pytest.raises(ClientError, match="this machine is s390x"):
            await making.from_image(image, target, said.append)
        with pytest.raises(ClientError, match="Docker could not do it"):
            await making.from_image("127.0.0.1:1/no/such:image", target, said.append)


async def test_a_stack_is_unpacked_once_and_anew_when_it_has_changed(
    archive: Path, tmp_path: Path
) -> None:
    root = await stacks.unpacked(archive, tmp_path / "stack")
    (root / "mark").touch()
    assert root.name == "small"
    assert await stacks.unpacked(archive, tmp_path / "stack") == root
    assert (root / "mark").exists()
    assert (await runtimes.find(root)).pythons == ()
    newer = tmp_path / "small.tar.zst"
    shutil.copyfile(archive, newer)
    changed = await stacks.unpacked(newer, tmp_path / "stack")
    assert not (changed / "mark").exists()
    assert not root.exists()


async def test_what_is_no_stack_is_told(docker: DockerEngine, tmp_path: Path) -> None:
    with pytest.raises(errors.StartupError, match="hatoba stack build"):
        await stacks.unpacked(tmp_path / "none.tar.zst", tmp_path / "stack")
    damaged = tmp_path / "damaged.tar.zst"
    damaged.write_bytes(b"this is no archive")
    with pytest.raises(errors.StartupError, match="can't be unpacked"):
        await stacks.unpacked(damaged, tmp_path / "stack")
    async with rigged(SwarmRig(docker, damaged)) as rig:
        engine = await rig.engine()
        with pytest.raises(errors.Unavailable, match="hatoba stack build"):
            await engine.start(spec(PRINTS))
        assert await engine.dynos() == []


def test_a_stack_needs_debootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    wanted = making.Debian("bookworm", "http://127.0.0.1:1", ())
    with pytest.raises(ClientError, match="apt-get install debootstrap"):
        asyncio.run(making.bootstrap(wanted, tmp_path / "x.tar.zst", lambda text: None))
    assert list(tmp_path.iterdir()) == []
