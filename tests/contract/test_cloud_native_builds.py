"""Builds by Cloud Native Buildpacks: what a lifecycle is told and let do, what may go wrong."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hatoba import errors
from hatoba.control import build_passes, builders, builds, cloud_native_builds, images
from hatoba.engines.images import Emit, ImageFacts, ImageParts, Workbench, Worked
from hatoba.model.release import Build
from tests.contract.api_platform import BUILDER, Api, Got
from tests.contract.pushes import put, upload
from tests.contract.test_image_releases import found
from tests.images import MACHINE, HandMade, digest, layer

ENV = {"CNB_USER_ID": "1001", "CNB_GROUP_ID": "1002"}
RUN = HandMade([layer({"system": b"small"})], {"Env": ["PATH=/bin"]})
METADATA = {
    "buildpacks": [
        {"id": "harbour/go", "version": "1.9.0"},
        {"id": "harbour/go", "version": "1.10.0"},
        {"id": "harbour/procfile", "version": "2.0.0"},
    ],
    "stack": {"runImage": {"image": "gone:1", "mirrors": ["harbour/run:1"]}},
}
BUILT = {
    "processes": [
        {"type": "web", "command": ["serve"], "args": ["--port", "$PORT"]},
        {"type": "worker", "command": ["bash", "-c"], "args": ["work | tee log"]},
    ],
    "buildpacks": [{"id": "harbour/go", "version": "1.10.0", "homepage": "https://go.example"}],
}
Work = Callable[[Workbench], Awaitable[Worked]]


def app_image(built: Mapping[str, Any] = BUILT, architecture: str = MACHINE) -> HandMade:
    labels = {"io.buildpacks.build.metadata": json.dumps(built)}
    runs = {"Labels": labels, "Entrypoint": ["/cnb/process/web"]}
    return HandMade([*RUN.layers, layer({"workspace/x": b"x"})], runs, architecture)


class Hands:
    """Runs a builder by hand: pushes an image by the pass that it was given."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.facts_of = {
            BUILDER: ImageFacts("1", {"io.buildpacks.builder.metadata": json.dumps(METADATA)}, ENV),
            "harbour/run:1": ImageFacts(RUN.id, {}, {}),
        }
        self.benches: list[Workbench] = []
        self.files: dict[str, tuple[tarfile.TarInfo, bytes]] = {}
        self.taken_out = 0
        self.work_with: Work = self.push
        self.makes = app_image()
        self.report = '[image]\ndigest = "{}"\n'

    async def facts(self, name: str) -> ImageFacts | None:
        return self.facts_of.get(name)

    async def parts(self, name: str, folder: Path) -> ImageParts:
        self.taken_out += 1
        path = folder / "layer"
        path.write_bytes(RUN.layers[0])
        return ImageParts(RUN.config, (path,))

    async def work(self, bench: Workbench, emit: Emit) -> Worked:
        self.benches.append(bench)
        with tarfile.open(bench.files) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                self.files[member.name] = (member, content.read() if content else b"")
        emit(b"===> DETECTING\n")
        return await self.work_with(bench)

    async def push(self, bench: Workbench) -> Worked:
        """Push what it makes by the pass alone, as a lifecycle does."""
        client, repository = self.client(bench)
        for content in self.makes.blobs.values():
            assert (await upload(client, repository, content)).status == 201
        assert (await put(client, repository, self.makes)).status == 201
        return Worked(0, result=self.report.format(self.makes.digest).encode())

    def client(self, bench: Workbench) -> tuple[Api, str]:
        [[_, authorization]] = json.loads(bench.env["CNB_REGISTRY_AUTH"]).items()
        repository = bench.command[-1].partition("/")[2].removesuffix(":latest")
        return PassHolder.of(self.api, authorization), repository

    async def drop_cache(self, app_id: UUID) -> None:
        del app_id


class PassHolder(Api):
    """A client that shows a pass in the place of a token."""

    shown = ""

    @classmethod
    def of(cls, api: Api, authorization: str) -> PassHolder:
        made = cls(api.url, "", api.account, api.platform, api.tokens, api.pool)
        made.shown = authorization
        return made

    async def __call__(self, *asked: Any, **headers: Any) -> Got:
        return await super().__call__(*asked, **{"Authorization": self.shown, **headers})


@pytest.fixture
def hands(api: Api) -> Hands:
    made = Hands(api)
    api.engine.place.runs_images_for = MACHINE
    api.engine.place.image_runner = made
    return made


async def begun(api: Api, tmp_path: Path, files: Mapping[str, str]) -> tuple[str, Build]:
    """Begin a build of a new app."""
    name = await api.app()
    assert (await api("PATCH", f"/apps/{name}", {"build_stack": "cnb"})).status == 200
    source = tmp_path / "source.tar"
    with tarfile.open(source, "w") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(text.encode()), 0o644
            archive.addfile(member, io.BytesIO(text.encode()))
    blob = (await api("POST", "/sources")).json["source_blob"]
    assert (await api("PUT", blob["put_url"], raw=source.read_bytes())).status == 200
    body = {"source_blob": {"url": blob["get_url"], "version": "1a2b3c4d"}}
    made = await api("POST", f"/apps/{name}/builds", body)
    assert made.json["stack"] == "cnb"
    build = await builds.by_id(api.platform, UUID(made.json["id"]))
    assert build is not None
    return name, build


async def built(
    api: Api,
    tmp_path: Path,
    files: Mapping[str, str],
    env: Mapping[str, str] | None = None,
    emit: Emit = lambda _: None,
) -> cloud_native_builds.Made:
    name, build = await begun(api, tmp_path, files)
    app = await found(api, name)
    try:
        return await cloud_native_builds.carry_out(api.platform, build, app, env or {}, emit)
    finally:
        assert not list(api.platform.sources.glob("*.images"))
        await api("DELETE", f"/apps/{name}/builds/{build.id}")


async def test_each_process_type_runs_the_image_by_its_launcher(
    api: Api, hands: Hands, tmp_path: Path
) -> None:
    made = await built(api, tmp_path, {"main.go": "x"}, {"SECRET": "hush"})
    assert made.commands == {"web": "serve --port '$PORT'", "worker": "work | tee log"}
    assert {name: one.argv for name, one in made.images.items()} == {
        "web": ("/cnb/process/web",),
        "worker": ("/cnb/process/worker",),
    }
    one_off = made.images["web"].running("launcher env")
    assert one_off.argv == ("/bin/sh", "-c", "launcher env")
    assert {one.group for one in made.images.values()} == {1002}
    assert made.buildpacks == "harbour/go"
    [bench] = hands.benches
    assert (bench.image, bench.user, bench.group) == (BUILDER, 1001, 1002)
    assert bench.command[0] == "/cnb/lifecycle/creator"
    assert "hush" not in str(bench)
    assert "hush" not in " ".join((*bench.command, *bench.env.values()))
    member, content = hands.files["platform/env/SECRET"]
    assert (content, member.mode, member.uid) == (b"hush", 0o440, 1001)
    member, content = hands.files["workspace/main.go"]
    assert (content, member.mode, member.gid) == (b"x", 0o664, 1002)


async def test_the_run_image_is_taken_in_once(api: Api, hands: Hands, tmp_path: Path) -> None:
    name, build = await begun(api, tmp_path, {"x": ""})
    app, p = await found(api, name), api.platform
    for _ in range(2):
        await cloud_native_builds.carry_out(p, build, app, {}, lambda _: None)
    assert hands.taken_out == 1
    kept = await images.find(p, app, "cnb-run", "latest")
    assert kept.runs is not None
    assert kept.runs.id == RUN.id


async def test_a_project_toml_says_what_is_built_by_what(
    api: Api, hands: Hands, tmp_path: Path
) -> None:
    text = """
    [io.buildpacks]
    exclude = ["docs/", "*.md", "!KEEP.md"]
    [[io.buildpacks.group]]
    id = "harbour/go"
    [[io.buildpacks.build.env]]
    name = "LEVEL"
    value = "3"
    [[io.buildpacks.build.env]]
    name = "SECRET"
    value = "none"
    """
    files = {"project.toml": text, "docs/x": "", "a.md": "", "KEEP.md": "", "src/deep/x.go": ""}
    await built(api, tmp_path, files, {"SECRET": "hush"})
    kept = {name for name in hands.files if name.startswith("workspace/")}
    assert kept == {
        f"workspace/{name}"
        for name in ("project.toml", "KEEP.md", "src", "src/deep", "src/deep/x.go")
    }
    assert hands.files["platform/env/LEVEL"][1] == b"3"
    assert hands.files["platform/env/SECRET"][1] == b"hush"
    order = b'[[order]]\n[[order.group]]\nid = "harbour/go"\nversion = "1.10.0"\n'
    assert hands.files["platform/order.toml"][1] == order
    command = hands.benches[0].command
    assert command[command.index("-order") + 1] == "/platform/order.toml"


@pytest.mark.parametrize(
    ("ended", "why"),
    [
        (Worked(11), "speaks another platform API"),
        (Worked(20), f"No buildpack of the builder {BUILDER} fits this app"),
        (Worked(51), "A buildpack failed; its output says why"),
        (Worked(62), "ended with status 62 while exporting"),
        (Worked(99), "ended with status 99; its output"),
        (Worked(137, out_of_memory=True), "needed more than 2"),
        (Worked(0), "has pushed no image that can be used: its report names none"),
        (Worked(0, result=b'[image]\ndigest = "sha256:00"'), "has pushed no image"),
        (Worked(0, result=b"\xff"), "has pushed no image"),
    ],
)
async def test_how_a_lifecycle_ends_is_told_in_a_line(
    api: Api, hands: Hands, tmp_path: Path, ended: Worked, why: str
) -> None:
    async def end(_: Workbench) -> Worked:
        return ended

    hands.work_with = end
    with pytest.raises(errors.BuildFailed, match=why) as caught:
        await built(api, tmp_path, {"x": ""})
    assert "\n" not in caught.value.message


async def test_image_extensions_are_told_of(api: Api, hands: Hands, tmp_path: Path) -> None:
    extended = {**METADATA, "extensions": [{"id": "x/ubi"}, {"id": "x/y"}]}
    labels = {"io.buildpacks.builder.metadata": json.dumps(extended)}
    hands.facts_of[BUILDER] = ImageFacts("1", labels, ENV)
    said: list[bytes] = []
    await built(api, tmp_path, {"x": ""}, emit=said.append)
    assert b"Its image extensions are not used here: x/ubi and x/y, and an app" in b"".join(said)

    async def end(_: Workbench) -> Worked:
        return Worked(1)

    hands.work_with = end
    with pytest.raises(errors.BuildFailed, match=r"status 1; .* not used here: x/ubi and x/y\.$"):
        await built(api, tmp_path, {"x": ""})


@pytest.mark.parametrize(
    ("makes", "why"),
    [
        (app_image({"processes": []}), "found no process to run"),
        (app_image({"processes": [{"type": "a b", "command": "x"}]}), "made a process type 'a b'"),
        (app_image(architecture="s390x"), "is for s390x"),
        (HandMade([layer({"x": b"x"})]), "has no label io.buildpacks.build.metadata"),
    ],
)
async def test_an_image_that_can_not_be_run_is_refused(
    api: Api, hands: Hands, tmp_path: Path, makes: HandMade, why: str
) -> None:
    hands.makes = makes
    with pytest.raises(errors.BuildFailed, match=why):
        await built(api, tmp_path, {"x": ""})


async def test_a_pass_is_good_for_the_image_of_the_app_while_it_is_built(
    api: Api, hands: Hands, tmp_path: Path
) -> None:
    other = await api.app()
    seen: list[tuple[str, int]] = []

    async def try_all(bench: Workbench) -> Worked:
        client, own = hands.client(bench)
        name = own.partition("/")[0]
        for method, path in (
            ("GET", "/v2/"),
            ("GET", f"/v2/{name}/cnb-run/manifests/latest"),
            ("POST", f"/v2/{own}/blobs/uploads/"),
            ("POST", f"/v2/{own}/blobs/uploads/?mount={digest(b'')}&from={other}/web"),
            ("POST", f"/v2/{name}/cnb-run/blobs/uploads/"),
            ("POST", f"/v2/{name}/web/blobs/uploads/"),
            ("DELETE", f"/v2/{own}/manifests/latest"),
            ("GET", f"/v2/{other}/cnb/manifests/latest"),
            ("GET", f"/apps/{name}"),
        ):
            seen.append((path.partition("?")[0], (await client(method, path)).status))
        return Worked(20)

    hands.work_with = try_all
    with pytest.raises(errors.BuildFailed):
        await built(api, tmp_path, {"x": ""})
    assert [status for _, status in seen] == [200, 200, 202, 202, 403, 403, 403, 403, 401]
    client, own = hands.client(hands.benches[0])
    assert (await client("POST", f"/v2/{own}/blobs/uploads/")).status == 401
    for forged in ("x", f"{UUID(int=0)}.{'0' * 64}", "\0.x"):
        assert await build_passes.bearer(api.platform, "build", forged) is None
    shown = base64.b64encode(b"build:x.y").decode()
    liar = PassHolder.of(api, f"Basic {shown}")
    assert (await liar("GET", "/v2/")).status == 401


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"labels": {}}, "is no builder: it has no label io.buildpacks.builder.metadata"),
        ({"env": {}}, "is no builder: it does not say by CNB_USER_ID as whom"),
        ({"env": {**ENV, "CNB_USER_ID": "0"}}, "as whom to build, or as root"),
    ],
)
async def test_an_image_that_is_no_builder_is_told(
    api: Api, hands: Hands, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    hands.facts_of[BUILDER] = replace(hands.facts_of[BUILDER], **change)
    with pytest.raises(errors.BuildFailed, match=why):
        await built(api, tmp_path, {"x": ""})


async def test_what_is_not_in_docker_is_told(api: Api, hands: Hands, tmp_path: Path) -> None:
    del hands.facts_of["harbour/run:1"]
    with pytest.raises(errors.BuildFailed, match="run image gone:1 of the builder harbour/builder"):
        await built(api, tmp_path, {"x": ""})
    del hands.facts_of[BUILDER]
    with pytest.raises(errors.BuildFailed, match=f"docker pull {BUILDER}"):
        await built(api, tmp_path, {"x": ""})


async def test_the_stack_needs_docker_and_a_builder(api: Api, hands: Hands) -> None:
    name = await api.app()
    assert "cnb" in {one["name"] for one in (await api("GET", "/stacks")).json}
    with pytest.raises(errors.InvalidParams, match="hatoba up --engine swarm --cnb-builder"):
        builders.check(replace(api.platform, builders=()))
    made = await api("PATCH", f"/apps/{name}", {"build_stack": "cnb"})
    assert (made.json["stack"]["name"], made.json["generation"]["name"]) == ("cnb", "fir")
    opened = await api("POST", f"/apps/{name}/log-sessions", {})
    assert "tail=1" in opened.json["logplex_url"]
    opened = await api("POST", f"/apps/{name}/log-sessions", {"tail": False})
    assert "tail" not in opened.json["logplex_url"]
    api.engine.place.runs_images_for = None
    assert "cnb" not in {one["name"] for one in (await api("GET", "/stacks")).json}
    refused = await api("POST", "/apps", {"stack": "cnb"})
    assert (refused.status, "hatoba up --engine swarm" in refused.json["message"]) == (422, True)
