"""Images of Dockerfiles, built by a real engine's BuildKit."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import json
import shutil
import signal
import tarfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hatoba import errors
from hatoba.build import context
from hatoba.engines.images import ImageOrder, ImageParts
from hatoba.engines.swarm import builds
from hatoba.engines.swarm.build_cache import BuildCache
from hatoba.engines.swarm.builds import DockerfileBuilder
from hatoba.engines.swarm.docker import DockerHost
from hatoba.engines.swarm.images import Images
from tests.contract.engine_rigs import DEADLINE
from tests.contract.test_stacks import needed
from tests.docker_engine import DockerEngine

DOCKERFILE = """\
FROM scratch AS base
ARG COLOUR
ARG OTHER=none
COPY system /
RUN echo the colour is $COLOUR, the other $OTHER; ls /app || true
FROM base
COPY . /app
ENV FROM=dockerfile
CMD ["sh", "-c", "ls /app"]
"""
PREFIX = "hatoba/test"
WAITS = """\
FROM scratch
COPY system /
RUN ["bash", "-c", ": {}; echo ready; read x <> <(:)"]
"""


@pytest.fixture
async def host(docker: DockerEngine) -> AsyncIterator[DockerHost]:
    host = DockerHost(docker.socket, {"hatoba.platform": "test"})
    yield host
    await host.close()


@pytest.fixture
async def images(host: DockerHost, tmp_path: Path) -> AsyncIterator[Images]:
    images = Images(host, PREFIX, tmp_path / "layers")
    yield images
    await images.tidy(all_of_them=True)


def repository(path: Path, files: Mapping[str, str]) -> Path:
    """Pack files, and the least of a system, as a push does."""
    with tarfile.open(path, "w") as archive:
        for name in needed():
            archive.add(Path(name).resolve(), f"system{name}")
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


async def built(
    builder: DockerfileBuilder, tmp_path: Path, files: Mapping[str, str], stage: str | None = None
) -> tuple[ImageParts, str]:
    said: list[bytes] = []
    folder = tmp_path / "made"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    source = repository(tmp_path / "source.tar", files)
    name = context.write(source, "Dockerfile", tmp_path / "context.tar")
    order = ImageOrder(tmp_path / "context.tar", name, stage, {"COLOUR": "green"})
    try:
        parts = await builder.build(order, folder, said.append)
    finally:
        assert not (folder / "image.tar").exists()
    return parts, b"".join(said).decode()


def ours(tmp_path: Path) -> list[str]:
    return json.loads((tmp_path / "cache.json").read_text())["ours"]  # type: ignore[no-any-return]


async def emptied(cache: BuildCache, tmp_path: Path) -> None:
    """See it empty: BuildKit lets go of what a build has used a little later."""
    async with asyncio.timeout(DEADLINE):
        while ours(tmp_path):
            await cache.shrink()


async def test_a_dockerfile_is_built(host: DockerHost, images: Images, tmp_path: Path) -> None:
    cache = BuildCache(host, tmp_path / "cache.json", most=0)
    builder = DockerfileBuilder(host, images, cache)
    files = {"Dockerfile": DOCKERFILE, "kept": "x", "secret": "x", ".dockerignore": "secret"}
    parts, said = await built(builder, tmp_path, files)
    assert "COPY system /\n" in said
    assert "the colour is green, the other none\n" in said
    config = json.loads(parts.config)
    assert config["config"]["Cmd"] == ["sh", "-c", "ls /app"]
    assert config["config"]["Labels"] == host.labels
    digests = [hashlib.sha256(layer.read_bytes()).hexdigest() for layer in parts.layers]
    assert [f"sha256:{digest}" for digest in digests] == config["rootfs"]["diff_ids"]
    with tarfile.open(parts.layers[-1]) as layer:
        names = layer.getnames()
    assert ("app/kept" in names, "app/secret" in names) == (True, False)
    stage, _ = await built(builder, tmp_path, files, "base")
    assert "Cmd" not in json.loads(stage.config)["config"]
    known = {hashlib.sha256(made.config).hexdigest() for made in (parts, stage)}
    assert await images.tidy() == 0  # Their dynos may be about to start.
    there = [image["Id"] for image in await host.images() if image["RepoTags"]]
    assert {name.removeprefix("sha256:") for name in there} == known
    assert await images.tidy(all_of_them=True) == 2
    await emptied(cache, tmp_path)


async def test_what_was_built_before_is_taken_from_the_cache_which_is_bounded(
    host: DockerHost, images: Images, tmp_path: Path
) -> None:
    roomy = BuildCache(host, tmp_path / "cache.json")
    builder = DockerfileBuilder(host, images, roomy)
    for number in range(3):
        files = {"Dockerfile": DOCKERFILE, "number": str(number)}
        _, said = await built(builder, tmp_path, files)
    assert "CACHED [base 2/2] RUN" in said
    assert "\n#1 the colour is" not in f"\n{said}"
    kept = ours(tmp_path)
    assert kept
    await emptied(BuildCache(host, tmp_path / "cache.json", most=0), tmp_path)


@pytest.mark.parametrize(
    ("dockerfile", "why"),
    [
        ("FROM scratch\nCOPY system /\nRUN echo no >&2; exit 3\n", r"exit code: 3"),
        ("FROM scratch\nFLY away\n", r"unknown instruction: FLY"),
        ("FROM 127.0.0.1:1/no/such:image\n", r"127.0.0.1:1"),
        ("FROM scratch\nCOPY nothing /\n", r"nothing.*not found"),
        ("", r"cannot be empty|no instructions"),
    ],
)
async def test_what_can_not_be_built_is_told_in_a_line(
    host: DockerHost, images: Images, tmp_path: Path, dockerfile: str, why: str
) -> None:
    cache = BuildCache(host, tmp_path / "cache.json", most=0)
    builder = DockerfileBuilder(host, images, cache)
    with pytest.raises(errors.BuildFailed, match=why) as caught:
        await built(builder, tmp_path, {"Dockerfile": dockerfile})
    assert "\n" not in caught.value.message
    assert await host.images() == []
    await emptied(cache, tmp_path)


async def waiting(builder: DockerfileBuilder, tmp_path: Path, name: str) -> asyncio.Task[Any]:
    """Begin a build that does not end, and wait until it says so."""
    source = repository(tmp_path / "source.tar", {"Dockerfile": WAITS.format(name)})
    context.write(source, "Dockerfile", tmp_path / "context.tar")
    heard = asyncio.Event()

    def hear(said: bytes) -> None:
        if b" ready\n" in said:
            heard.set()

    order = ImageOrder(tmp_path / "context.tar", "Dockerfile")
    building = asyncio.create_task(builder.build(order, tmp_path, hear))
    await asyncio.wait_for(heard.wait(), DEADLINE)
    return building


async def test_what_a_killed_daemon_was_building_is_counted_by_the_next(
    host: DockerHost, images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = BuildCache(host, tmp_path / "cache.json")

    async def never(_: BuildCache) -> None: ...

    monkeypatch.setattr(BuildCache, "_noted", never)
    monkeypatch.setattr(BuildCache, "shrink", never)
    files = {"Dockerfile": f"{DOCKERFILE}LABEL of={uuid4()}\n", "new": str(uuid4())}
    await built(DockerfileBuilder(host, images, killed), tmp_path, files)
    monkeypatch.undo()
    assert ours(tmp_path) == []
    assert BuildCache(host, tmp_path / "cache.json").interrupted
    assert await BuildCache(host, tmp_path / "cache.json").shrink() > 0
    assert not BuildCache(host, tmp_path / "cache.json").interrupted
    assert ours(tmp_path) != []
    await emptied(BuildCache(host, tmp_path / "cache.json", most=0), tmp_path)


async def test_docker_being_stopped_amid_a_build_is_not_the_dockerfiles_fault(
    tmp_path: Path,
) -> None:
    engine = DockerEngine()
    engine.start()
    host = DockerHost(engine.socket, {"hatoba.platform": "test"})
    made = Images(host, PREFIX, tmp_path / "layers")
    builder = DockerfileBuilder(host, made, BuildCache(host, tmp_path / "cache.json"))
    try:
        for number in (signal.SIGTERM, signal.SIGKILL):
            building = await waiting(builder, tmp_path, number.name)
            await asyncio.to_thread(engine.stop, number)
            with pytest.raises(errors.Unavailable):
                await building
            await asyncio.to_thread(engine.start)
    finally:
        await host.close()
        await asyncio.to_thread(engine.close)


async def test_a_build_that_is_cancelled_ends_in_docker_too(
    host: DockerHost, images: Images, tmp_path: Path
) -> None:
    cache = BuildCache(host, tmp_path / "cache.json", most=0)
    name = f"waits-{uuid4().hex}"
    building = await waiting(DockerfileBuilder(host, images, cache), tmp_path, name)
    assert processes(name)
    building.cancel()
    await asyncio.gather(building, return_exceptions=True)
    async with asyncio.timeout(DEADLINE):
        while processes(name):
            await asyncio.sleep(0)
    await emptied(cache, tmp_path)


def processes(name: str) -> list[Path]:
    """Return the processes whose command line holds a word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if name.encode() in path.read_bytes():
                found.append(path)
    return found


async def test_a_disk_that_is_full_when_the_image_is_taken_out_is_told(
    host: DockerHost, images: Images, tmp_path: Path
) -> None:
    cache = BuildCache(host, tmp_path / "cache.json", most=0)
    source = repository(tmp_path / "source.tar", {"Dockerfile": "FROM scratch\nCOPY . /\n"})
    context.write(source, "Dockerfile", tmp_path / "context.tar")
    (tmp_path / "image.tar").symlink_to("/dev/full")
    order = ImageOrder(tmp_path / "context.tar", "Dockerfile")
    with pytest.raises(errors.DiskFull):
        await DockerfileBuilder(host, images, cache).build(order, tmp_path, lambda _: None)
    assert await host.images() == []


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("failed to copy: write /a/b: no space left on device", errors.DiskFull),
        ("failed to solve: rpc error: context canceled", errors.Unavailable),
        ("failed to solve: process 'no space left on device': exit code: 1", errors.BuildFailed),
    ],
)
def test_what_docker_says_is_told_apart(said: str, kind: type[errors.HatobaError]) -> None:
    assert isinstance(builds._why(said), kind)


async def test_without_a_dockerfile_nothing_is_built(tmp_path: Path) -> None:
    source = repository(tmp_path / "source.tar", {"web/Dockerfile": "FROM scratch", "web/a": "x"})
    for name in ("Dockerfile", "web", "web/Dockerfile/x"):
        with pytest.raises(errors.BuildFailed, match=f"{name} is not a file of the repository"):
            context.write(source, name, tmp_path / "context.tar")
    assert context.write(source, "web/Dockerfile", tmp_path / "context.tar") == "Dockerfile"
    with tarfile.open(tmp_path / "context.tar") as made:
        assert made.getnames() == ["Dockerfile", "a"]
