"""Builds of container apps: what a repository says, by whom it is built, what may be wrong."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hatoba import errors
from hatoba.control import builds, housekeeping, image_builds, images
from hatoba.engines.images import Emit, ImageOrder, ImageParts
from hatoba.model.image import Image
from tests.contract.api_platform import Api, deployed
from tests.contract.test_image_releases import container_app, found
from tests.images import MACHINE, HandMade, layer

MANIFEST = """\
build:
  docker: {web: Dockerfile, worker: {dockerfile: jobs/Dockerfile, target: small}, base: Base}
  config: {COLOUR: green}
release: {image: worker, command: [migrate, seed]}
run:
  web: serve $PORT
  clock: {command: [tick], image: base}
"""


class Hands:
    """Builds by hand what a test has put there for a Dockerfile; notes what it was asked for."""

    def __init__(self, **made: Mapping[str, list[str]]) -> None:
        self.made = made
        self.orders: list[ImageOrder] = []
        self.seen: list[list[str]] = []

    async def build(self, order: ImageOrder, folder: Path, emit: Emit) -> ImageParts:
        self.orders.append(order)
        with tarfile.open(order.context) as context:
            self.seen.append(context.getnames())
        if order.dockerfile == "Large":
            emit(b"#1 cp: write error: No space left on device\n")
        if order.dockerfile not in self.made:
            raise errors.BuildFailed("unknown instruction: FLY")
        emit(b"#1 COPY . /\n")
        image = HandMade([layer({"made": order.dockerfile.encode()})], self.made[order.dockerfile])
        path = folder / "layer"
        path.write_bytes(image.layers[0])
        return ImageParts(image.config, (path,))


@pytest.fixture
def hands(api: Api) -> Hands:
    made = Hands(Dockerfile={"Cmd": ["work", "hard"]}, Base={})
    api.engine.place.runs_images_for = MACHINE
    api.engine.place.image_builder = made
    return made


async def built(
    api: Api, name: str, tmp_path: Path, files: Mapping[str, str]
) -> tuple[dict[str, Image], str]:
    source = tmp_path / "source.tar"
    with tarfile.open(source, "w") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    blob = (await api("POST", "/sources")).json["source_blob"]
    assert (await api("PUT", blob["put_url"], raw=source.read_bytes())).status == 200
    body = {"source_blob": {"url": blob["get_url"], "version": "1a2b3c4d"}}
    made = await api("POST", f"/apps/{name}/builds", body)
    assert made.json["stack"] == "container"
    p, said = api.platform, list[bytes]()
    build = await builds.by_id(p, UUID(made.json["id"]))
    assert build is not None
    try:
        result = await image_builds.carry_out(p, build, await found(api, name), said.append)
    finally:
        assert not list(p.sources.glob("*.images"))
        await api("DELETE", f"/apps/{name}/builds/{build.id}")
    return result, b"".join(said).decode()


async def test_heroku_yml_says_what_is_built_and_run(
    api: Api, hands: Hands, tmp_path: Path
) -> None:
    name = await container_app(api)
    files = {"heroku.yml": MANIFEST, "Dockerfile": "", "Base": "", "jobs/Dockerfile": "x"}
    made, said = await built(api, name, tmp_path, {**files, "jobs/job": "x"})
    assert {kind: one.shown for kind, one in made.items()} == {
        "web": "serve $PORT",
        "worker": "work hard",
        "release": "migrate && seed",
        "clock": "tick",
    }
    assert "=== Building worker (jobs/Dockerfile, stage small)\n#1 COPY . /\n" in said
    assert [(one.dockerfile, one.stage) for one in hands.orders] == [
        ("Dockerfile", None),
        ("Dockerfile", "small"),
        ("Base", None),
    ]
    assert {str(one.arguments) for one in hands.orders} == {"{'COLOUR': 'green'}"}
    assert sorted(hands.seen[1]) == ["Dockerfile", "job"]
    kept = await images.find(api.platform, await found(api, name), "worker", "latest")
    assert kept.runs == made["worker"]


async def test_a_dockerfile_alone_is_web(api: Api, hands: Hands, tmp_path: Path) -> None:
    name = await container_app(api)
    made, _ = await built(api, name, tmp_path, {"around/Dockerfile": "", "around/x": ""})
    assert {kind: one.shown for kind, one in made.items()} == {"web": "work hard"}
    assert sorted(hands.seen[0]) == ["Dockerfile", "x"]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"x": ""}, "there is neither"),
        ({"heroku.yml": "build: {docker: {web: Other}}"}, "Other is not a file of the repository"),
        ({"heroku.yml": "build: {docker: {web: F}}", "F": ""}, r"Building web \(F\) failed: unkno"),
        ({"heroku.yml": "build: {docker: {x: Base}}", "Base": ""}, "of x has no command: give"),
        ({"heroku.yml": "build: [", "Dockerfile": ""}, "heroku.yml is not YAML: line 1"),
        ({"heroku.yml": "#" * 300_000, "Dockerfile": ""}, "heroku.yml is larger than 256"),
    ],
)
async def test_what_can_not_be_built_is_told(
    api: Api, hands: Hands, tmp_path: Path, files: Mapping[str, str], why: str
) -> None:
    name = await container_app(api)
    with pytest.raises(errors.BuildFailed, match=why) as caught:
        await built(api, name, tmp_path, files)
    assert "\n" not in caught.value.message


async def test_of_a_build_that_fails_no_image_is_kept(
    api: Api, hands: Hands, tmp_path: Path
) -> None:
    name = await container_app(api)
    manifest = "build: {docker: {web: Dockerfile, worker: F}}"
    with pytest.raises(errors.BuildFailed, match=r"Building worker \(F\) failed"):
        await built(api, name, tmp_path, {"heroku.yml": manifest, "Dockerfile": "", "F": ""})
    assert len(hands.orders) == 2
    with pytest.raises(errors.ManifestUnknown):
        await images.find(api.platform, await found(api, name), "web", "latest")


async def test_a_disk_that_is_full_while_building_is_told(
    api: Api, hands: Hands, tmp_path: Path
) -> None:
    files = {"heroku.yml": "build: {docker: {web: Large}}", "Large": ""}
    with pytest.raises(errors.DiskFull, match="Nothing of it was kept"):
        await built(api, await container_app(api), tmp_path, files)


async def test_images_for_another_processor_and_other_engines_are_refused(
    api: Api, hands: Hands, tmp_path: Path
) -> None:
    name = await container_app(api)
    api.engine.place.runs_images_for = "s390x"
    with pytest.raises(errors.BuildFailed, match="this platform runs s390x"):
        await built(api, name, tmp_path, {"Dockerfile": ""})
    api.engine.place.runs_images_for = None
    with pytest.raises(errors.BuildFailed, match="hatoba up --engine swarm"):
        await built(api, name, tmp_path, {"Dockerfile": ""})


async def test_what_a_killed_build_has_left_is_tidied_up(api: Api) -> None:
    left = api.platform.sources / f"{uuid4()}{image_builds.FOLDER}"
    (left / "0").mkdir(parents=True)
    pending = (await deployed(api))["build"]
    kept = api.platform.sources / f"{pending}{image_builds.FOLDER}"
    kept.mkdir()
    await housekeeping.tidy(api.platform)
    assert (left.exists(), kept.exists()) == (False, True)
