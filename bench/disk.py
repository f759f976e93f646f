"""A soak of deploys: what Docker's disk and the engine's own hold must not grow with them.

Each deploy is a new slug whose dyno takes the place of the one before it; each tenth is built of a
Dockerfile as well. Slugs themselves and the registry's blobs, which releases can be rolled back
to, are not measured. ``HATOBA_BENCH_DEPLOYS`` sets how many, 200 without it; needs root, Docker.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import mean
from uuid import UUID, uuid4

import zstandard

from bench.table import Row, show
from hatoba.engines.base import DynoSpec, EngineState
from hatoba.engines.images import ImageBuilder, ImageOrder
from hatoba.engines.swarm.build_cache import BuildCache
from hatoba.engines.swarm.builds import DockerfileBuilder
from hatoba.engines.swarm.engine import SwarmEngine
from tests.contract.engine_rigs import Request, SwarmRig, becomes, pieces, rigged, spec
from tests.docker_engine import DockerEngine, missing

DEPLOYS = 200
# What the later half may hold compared to the half before it, once the caches are full.
MOST = 1.25
_SLUG_BYTES = 1024 * 1024
# So that the build cache is full by then too, which may hold 2 GB otherwise.
_CACHE_BYTES = 4 * _SLUG_BYTES
_EVERY, _BUILT = 10, 10
_APP = uuid4()


def _archive(target: Path, name: str, text: str = "") -> Path:
    """Pack one MB that nothing makes smaller, and a file."""
    with tarfile.open(target, "w") as archive:
        for path, content in ((name, text.encode()), ("data", os.urandom(_SLUG_BYTES))):
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target


def _slug(folder: Path, number: int) -> Path:
    raw = _archive(folder / "slug.tar", "number", str(number)).read_bytes()
    content = zstandard.compress(raw)
    path = folder / f"{hashlib.sha256(content).hexdigest()}.tar.zst"
    path.write_bytes(content)
    return path


async def _deploy(engine: SwarmEngine, folder: Path, number: int, before: UUID | None) -> UUID:
    slug = _slug(folder, number)
    dyno: DynoSpec = replace(spec("echo ready; exec sleep 1000", Request(slug=slug)), app_id=_APP)
    await engine.start(dyno)
    await pieces(engine, dyno.id, b"ready")
    if before is not None:
        await engine.stop(before, grace=0)
        await becomes(engine, before, EngineState.EXITED)
        await engine.forget(before)
    slug.unlink()
    return dyno.id


async def _build(builder: ImageBuilder, folder: Path) -> None:
    made = folder / "made"
    made.mkdir()
    context = _archive(folder / "context.tar", "Dockerfile", "FROM scratch\nCOPY . /\nCMD x\n")
    await builder.build(ImageOrder(context, "Dockerfile"), made, lambda _: None)
    shutil.rmtree(made)


def used(folder: Path) -> int:
    """Return the bytes that files below a folder take, without what is mounted there."""
    device, total = folder.stat().st_dev, 0
    for parent, folders, files in os.walk(folder):
        here = Path(parent)
        folders[:] = [name for name in folders if _on(here / name, device)]
        for name in files:
            try:
                total += (here / name).lstat().st_blocks * 512
            except FileNotFoundError:
                continue
    return total


def _on(path: Path, device: int) -> bool:
    try:
        return path.lstat().st_dev == device
    except FileNotFoundError:
        return False


async def _soak(docker: DockerEngine, deploys: int) -> list[int]:
    curve: list[int] = []
    folder = Path(tempfile.mkdtemp(prefix="hatoba-soak-"))
    async with rigged(SwarmRig(docker)) as rig:
        engine, before = await rig.engine(), None
        cache = BuildCache(engine.docker, folder / "cache.json", _CACHE_BYTES)
        builder = DockerfileBuilder(engine.docker, engine.images, cache)
        for number in range(deploys):
            before = await _deploy(engine, folder, number, before)
            if number % _BUILT == _BUILT - 1:
                await _build(builder, folder)
            if number % _EVERY == _EVERY - 1:
                curve.append(used(docker.data) + used(rig.work))
    shutil.rmtree(folder)
    return curve


def report(title: str, curve: list[int], every: int) -> None:
    """Print a soak's curve; raise SystemExit when its last third holds more than it may."""
    third = max(len(curve) // 3, 1)
    last, before = mean(curve[-third:]), mean(curve[-2 * third : -third] or curve[:third])
    words = f"{last / 1024**2:.0f} MB", f"{before / 1024**2:.0f} MB"
    show(title, [Row("last third, and the one before", *words, last / before, f"at most {MOST}")])
    print(f"  MB after each {every}: {' '.join(f'{size / 1024**2:.0f}' for size in curve)}")
    if last / before > MOST:
        raise SystemExit(f"the disk fills up: {last / before:.2f} times as much")


def main() -> None:
    if why := missing():
        print(f"\nDisk\n  left out: {why}")
        return
    deploys = int(os.environ.get("HATOBA_BENCH_DEPLOYS", DEPLOYS))
    docker = DockerEngine()
    docker.start()
    try:
        curve = asyncio.run(_soak(docker, deploys))
    finally:
        docker.close()
    report(f"Disk after {deploys} deploys of 1 MB each", curve, _EVERY)


if __name__ == "__main__":
    main()
