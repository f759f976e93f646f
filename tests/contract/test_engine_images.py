"""Images of apps' own on the swarm engine: also those without a shell, or of somebody else."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import zstandard

from hatoba import errors
from hatoba.engines.base import DynoSpec, EngineState, ImageFiles, Terminal
from tests.contract.engine_rigs import (
    DEADLINE,
    LocalRig,
    Request,
    SwarmRig,
    becomes,
    rigged,
    runs_to_end,
    spec,
)
from tests.contract.test_engine import everything
from tests.docker_engine import DockerEngine
from tests.images import BUSYBOX, HandMade, busybox, layer

pytestmark = pytest.mark.skipif(BUSYBOX is None, reason="busybox is missing (busybox-static)")


@pytest.fixture
async def rig(docker: DockerEngine) -> AsyncIterator[SwarmRig]:
    async with rigged(SwarmRig(docker)) as made:
        yield made


def files(image: HandMade, folder: Path, packed: bytes | None = None) -> ImageFiles:
    """Write an image's blobs; ``packed`` is the first layer as a registry may have it."""
    (folder / "config").write_bytes(image.config)
    for at, content in enumerate(image.layers):
        (folder / str(at)).write_bytes(packed if packed and at == 0 else content)
    layers = tuple(folder / str(at) for at in range(len(image.layers)))
    return ImageFiles(image.id, folder / "config", layers)


def runs(image: ImageFiles, *words: str, request: Request | None = None) -> DynoSpec:
    return replace(spec("", request), command=words, image=image)


async def test_an_image_without_a_shell_runs_as_the_apps_user(
    rig: SwarmRig, tmp_path: Path
) -> None:
    image = HandMade([busybox(())], {"User": "0", "WorkingDir": "/bin", "Env": ["A=1", "B=image"]})
    given = files(image, tmp_path, gzip.compress(image.layers[0]))
    engine = await rig.engine()
    request = Request(env={"B": "config", "BASH_ENV": "/nowhere"}, user=7)
    end, printed = await runs_to_end(engine, runs(given, "/bin/busybox", "env", request=request))
    assert end.status == 0
    lines = printed.decode().splitlines()
    assert {"A=1", "B=config", "DYNO=web.1", f"PORT={end.port}"} <= set(lines)
    for words, seen in (
        (("id", "-u"), str(rig.isolation.first_user + 7)),
        (("pwd",), "/bin"),
        (("grep", "-E", "CapEff|CapBnd|NoNewPrivs", "/proc/self/status"), "0000000000000000"),
        (("touch", "/bin/x"), "Permission denied"),
    ):
        _, printed = await runs_to_end(engine, runs(given, "/bin/busybox", *words, request=request))
        assert seen in printed.decode()
    end, printed = await runs_to_end(engine, runs(given, "/bin/nothing"))
    assert end.status == 127
    assert b"/bin/nothing: No such file" in printed


async def test_an_image_has_terminals_and_commands_inside(rig: SwarmRig, tmp_path: Path) -> None:
    image = HandMade([busybox(), layer({"greeting": b"hello"})], {"Env": ["FROM_IMAGE=yes"]})
    packed = zstandard.ZstdCompressor().compress(image.layers[0])
    given = replace(files(image, tmp_path, packed), group=4711)
    engine = await rig.engine()
    loud = '/bin/busybox stty size; trap "exit 7" TERM; echo ready; while :; do read x; done'
    dyno = replace(
        runs(given, "/bin/sh", "-c", loud), attach=True, terminal=Terminal(columns=101, rows=42)
    )
    await engine.start(dyno)
    attachment = await engine.attach(dyno.id)
    found = b""
    while b"ready" not in found and (data := await attachment.read()):
        found += data
    assert b"42 101" in found
    look = "echo $FROM_IMAGE $X; /bin/busybox cat /greeting; /bin/busybox id -u; /bin/busybox id -G"
    inside = replace(dyno, id=uuid4(), inside=dyno.id, command=look, env={"X": "1"}, terminal=None)
    await engine.start(inside)
    command = await engine.attach(inside.id)
    said = (await everything(command)).decode()
    user = f"{rig.isolation.first_user + 1}"
    assert said.split() == ["yes", "1", f"hello{user}", user, "4711"]
    await command.close()
    await engine.stop(dyno.id, grace=DEADLINE)
    await attachment.write(b"\n")
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 7
    await attachment.close()


async def test_an_image_above_another_loads_only_what_is_new(rig: SwarmRig, tmp_path: Path) -> None:
    lower, engine = HandMade([busybox()]), await rig.engine()
    for _ in range(2):
        end, _ = await runs_to_end(engine, runs(files(lower, tmp_path), "/bin/sh", "-c", "exit 3"))
        assert end.status == 3
        # Somebody may delete the image under us.
        for found in await engine.docker.named(f"hatoba/{rig.key}"):
            await engine.docker.remove_image(found["Id"])
    await runs_to_end(engine, runs(files(lower, tmp_path), "/bin/sh", "-c", "true"))
    upper = HandMade([*lower.layers, layer({"greeting": b"hello"})])
    given = files(upper, tmp_path)
    # Docker has the lower layer: its file is not even read.
    given.layers[0].write_bytes(b"gone")
    _, printed = await runs_to_end(engine, runs(given, "/bin/busybox", "cat", "/greeting"))
    assert printed == b"hello"
    broken = files(HandMade([layer({"a": b"b"})]), tmp_path)
    broken.layers[0].write_bytes(b"no archive")
    with pytest.raises(errors.InvalidParams, match="Push it again"):
        await engine.start(runs(broken, "/bin/sh"))
    broken.layers[0].unlink()
    with pytest.raises(errors.InvalidParams, match="No such file"):
        await engine.start(runs(broken, "/bin/sh"))
    broken.config.unlink()
    with pytest.raises(errors.InvalidParams, match="is damaged"):
        await engine.start(runs(broken, "/bin/sh"))
    assert {dyno.state for dyno in await engine.dynos()} == {EngineState.EXITED}


async def test_the_local_engine_runs_no_images(tmp_path: Path) -> None:
    async with rigged(LocalRig()) as rig:
        engine = await rig.engine()
        assert engine.runs_images_for is None
        with pytest.raises(errors.InvalidParams, match="hatoba up --engine swarm"):
            await engine.start(runs(ImageFiles("sha256:1", tmp_path, ()), "true"))
