"""Releases of images: formation, rollback, promotion, config vars, bad input."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from hatoba import errors
from hatoba.control import images
from hatoba.control.reconcile import steps
from hatoba.control.reconcile.apply import apply
from hatoba.model.app import App
from hatoba.model.dyno import DynoState
from hatoba.store import apps as app_rows
from hatoba.store import dynos as dyno_rows
from tests.contract.api_platform import Api, Got
from tests.images import MACHINE, HandMade, layer

DOCKER = "application/vnd.heroku+json; version=3.docker-releases"


async def found(api: Api, name: str) -> App:
    async with api.platform.store.begin() as conn:
        app = await app_rows.by_name(conn, name)
    assert app is not None
    return app


async def container_app(api: Api) -> str:
    name = await api.app()
    answer = await api("PATCH", f"/apps/{name}", {"build_stack": "container"})
    assert answer.json["stack"]["name"] == "container"
    return name


async def taken_in(api: Api, name: str, type: str, folder: Path, **runs: Any) -> str:
    """Have an image built here; return its id."""
    image = HandMade([layer({"greeting": name.encode() + type.encode()})], runs)
    path = folder / f"{name}-{type}.tar"
    path.write_bytes(image.layers[0])
    made = await images.take_in(api.platform, await found(api, name), type, image.config, [path])
    assert made.id == image.id
    return image.id


async def release(api: Api, name: str, updates: Mapping[str, str | None]) -> Got:
    body = {"updates": [{"type": t, "docker_image": i} for t, i in updates.items()]}
    return await api("PATCH", f"/apps/{name}/formation", body, Accept=DOCKER)


async def releases(api: Api, name: str) -> list[dict[str, Any]]:
    return (await api("GET", f"/apps/{name}/releases")).json  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def processor(api: Api) -> None:
    api.engine.place.runs_images_for = MACHINE


async def test_images_are_released_kept_and_taken_away(api: Api, tmp_path: Path) -> None:
    name = await container_app(api)
    web = await taken_in(api, name, "web", tmp_path, Cmd=["serve", "--loud"])
    worker = await taken_in(api, name, "worker", tmp_path, Entrypoint=["work"])
    answer = await release(api, name, {"web": web, "worker": worker})
    assert answer.status == 200, answer
    seen = {f["type"]: (f["command"], f["quantity"], f["docker_image"]) for f in answer.json}
    assert seen == {"web": ("serve --loud", 1, web), "worker": ("work", 0, worker)}
    now = await releases(api, name)
    assert now[-1]["description"] == f"Deployed web ({web[7:19]}), worker ({worker[7:19]})"
    assert now[-1]["eligible_for_rollback"]
    # What is run already makes no release.
    assert (await release(api, name, {"web": web})).status == 200
    assert len(await releases(api, name)) == len(now)
    await api("PATCH", f"/apps/{name}/config-vars", {"COLOUR": "green"})
    listed = (await api("GET", f"/apps/{name}/formation", Accept=DOCKER)).json
    assert {f["docker_image"] for f in listed} == {web, worker}
    assert "docker_image" not in (await api("GET", f"/apps/{name}/formation/web")).json
    gone = await api(
        "PATCH", f"/apps/{name}/formation/worker", {"docker_image": None}, Accept=DOCKER
    )
    assert (gone.status, gone.json["type"]) == (200, "worker")
    assert (await releases(api, name))[-1]["description"] == "Removed worker"
    assert [f["type"] for f in (await api("GET", f"/apps/{name}/formation")).json] == ["web"]
    again = {"release": now[-1]["id"]}
    assert (await api("POST", f"/apps/{name}/releases", again)).status == 201
    assert len((await api("GET", f"/apps/{name}/formation")).json) == 2
    both = {"docker_image": None, "quantity": 2}
    assert (await api("PATCH", f"/apps/{name}/formation/nothing", both)).status == 404


async def test_dynos_are_given_their_image_and_its_command(api: Api, tmp_path: Path) -> None:
    name = await container_app(api)
    web = await taken_in(api, name, "web", tmp_path, Cmd=["serve", "$PORT"])
    worker = await taken_in(api, name, "worker", tmp_path, Entrypoint=["init"], Cmd=["work"])
    await release(api, name, {"web": web, "worker": worker})
    reporting = 'look 1 ; echo "\uffff heroku-command-exit-status: $?"'
    expected = {
        "look 1": (web, ("/bin/sh", "-c", "look 1")),
        "worker": (worker, ("init", "work")),
        "web": (web, ("/bin/sh", "-c", "serve $PORT")),
    }
    for command, (image, words) in expected.items():
        made = await api("POST", f"/apps/{name}/dynos", {"command": command})
        assert made.status == 201, made
        spec = api.engine.dyno(made.json["name"]).spec
        assert spec.image is not None
        assert (spec.image.id, spec.command, spec.slug) == (image, words, None)
        assert all(path.exists() for path in (spec.image.config, *spec.image.layers))
    made = await api("POST", f"/apps/{name}/dynos", {"command": reporting})
    ran = api.engine.dyno(made.json["name"]).spec.command
    assert isinstance(ran, tuple)
    assert ran[:2] == ("/bin/sh", "-c")
    assert ran[3:] == ("sh", "/bin/sh", "-c", "look 1")
    assert "exit-status" in ran[2]


async def test_the_last_image_takes_its_process_type_along(api: Api, tmp_path: Path) -> None:
    name = await container_app(api)
    await release(api, name, {"web": await taken_in(api, name, "web", tmp_path, Cmd=["serve"])})
    assert [one["type"] for one in (await api("GET", f"/apps/{name}/formation")).json] == ["web"]
    await release(api, name, {"web": None})
    assert (await api("GET", f"/apps/{name}/formation")).json == []


async def test_a_promotion_takes_the_images_along(api: Api, tmp_path: Path) -> None:
    source, target = await container_app(api), await api.app()
    image = await taken_in(api, source, "web", tmp_path, Cmd=["serve"])
    await release(api, source, {"web": image})
    pipeline = (await api("POST", "/pipelines", {"name": "harbours"})).json["id"]
    for stage, app in (("staging", source), ("production", target)):
        coupling = {"app": app, "pipeline": pipeline, "stage": stage}
        assert (await api("POST", "/pipeline-couplings", coupling)).status == 201
    ids = {app: str((await found(api, app)).id) for app in (source, target)}
    body = {
        "pipeline": {"id": pipeline},
        "source": {"app": {"id": ids[source]}},
        "targets": [{"app": {"id": ids[target]}}],
    }
    assert (await api("POST", "/pipeline-promotions", body)).status == 201
    assert (await found(api, target)).stack == "container"
    assert (await api("GET", f"/apps/{target}/formation", Accept=DOCKER)).json[0][
        "docker_image"
    ] == image
    tagged = await api("GET", f"/v2/{target}/web/manifests/latest")
    assert (tagged.status, tagged.json["config"]["digest"]) == (200, image)
    copied = await found(api, target)
    kept = await images.find(api.platform, await found(api, source), "web", "latest")
    assert (await images.find(api.platform, copied, "web", kept.digest)).runs == kept.runs
    # They stay when the app that they came from goes.
    await api("DELETE", f"/apps/{source}")
    assert await images.tidy(api.platform) == 0
    assert kept.runs is not None
    assert all(api.platform.images.size(blob) is not None for blob in kept.runs.blobs)


async def test_images_on_an_engine_that_runs_none_crash_and_say_why(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await container_app(api)
    web = await taken_in(api, name, "web", tmp_path, Cmd=["serve"])
    await release(api, name, {"web": web})
    made = await api("POST", f"/apps/{name}/dynos", {"command": "look"})
    refusal = errors.InvalidParams("This platform runs dynos as processes, not images.")
    monkeypatch.setattr(api.engine, "start", AsyncMock(side_effect=refusal))
    refused = await api("POST", f"/apps/{name}/dynos", {"command": "look"})
    assert (refused.status, refused.json["message"]) == (422, refusal.message)
    unused: Any = None
    async with api.platform.store.begin() as conn:
        [dyno] = await dyno_rows.of_app(conn, (await found(api, name)).id)
    assert dyno.name == made.json["name"]
    await apply(api.platform, unused, unused, steps.Launch(dyno), unused)
    async with api.platform.store.begin() as conn:
        [after] = await dyno_rows.of_app(conn, dyno.app_id)
    assert (after.state, after.crashes) == (DynoState.CRASHED, 1)
    assert after.restart_at is not None


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (HandMade([layer({"a": b""})], {"Cmd": ["x"]}, architecture="s390x"), "is for s390x"),
        (HandMade([layer({"a": b""})], {}), "has no command"),
    ],
)
async def test_an_image_that_cannot_run_is_refused(
    api: Api, tmp_path: Path, image: HandMade, why: str
) -> None:
    name = await container_app(api)
    (tmp_path / "layer").write_bytes(image.layers[0])
    app = await found(api, name)
    await images.take_in(api.platform, app, "web", image.config, [tmp_path / "layer"])
    before = await releases(api, name)
    for id in (image.id, "sha256:" + "0" * 64, "nothing"):
        refused = await release(api, name, {"web": id})
        assert (refused.status, refused.json["id"]) == (422, "invalid_params")
        assert (why if id == image.id else "Push it first") in refused.json["message"]
    assert await releases(api, name) == before


async def test_only_container_apps_on_an_engine_for_images_run_some(
    api: Api, tmp_path: Path
) -> None:
    name = await api.app()
    image = await taken_in(api, name, "web", tmp_path, Cmd=["serve"])
    refused = await release(api, name, {"web": image})
    assert "heroku stack:set container" in refused.json["message"]
    api.engine.place.runs_images_for = None
    for answer in (
        await release(api, name, {"web": image}),
        await api("PATCH", f"/apps/{name}", {"build_stack": "container"}),
    ):
        assert answer.status == 422
        assert "hatoba up --engine swarm" in answer.json["message"]
    assert [s["name"] for s in (await api("GET", "/stacks")).json] == ["heroku-24"]
