"""App set-ups through the API and their job, with a real Postgres behind them."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from hatoba import errors
from hatoba.build.base import BuildRequest, BuildResult, Emit
from hatoba.control import commands, deploy, setups_run
from tests.contract.api_platform import Api
from tests.images import MACHINE

PROCFILE = "web: serve\nworker: work\n"


def archive(manifest: object = None, **files: str) -> bytes:
    """Return a source; ``manifest`` is its app.json, as text if it is to be broken."""
    if manifest is not None:
        files["app.json"] = manifest if isinstance(manifest, str) else json.dumps(manifest)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for name, text in {"Procfile": PROCFILE, **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            opened.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


async def uploaded(api: Api, source: bytes) -> str:
    blob = (await api("POST", "/sources")).json["source_blob"]
    assert (await api("PUT", blob["put_url"], raw=source)).status == 200
    return str(blob["get_url"])


async def setup(api: Api, manifest: object, **more: Any) -> dict[str, Any]:
    """Ask for a set-up."""
    source = more.pop("source", None) or archive(manifest)
    blob = {"url": await uploaded(api, source), "version": "1a2b3c4d"}
    got = await api("POST", "/app-setups", {"source_blob": blob, **more})
    assert got.status == 202, got
    found: dict[str, Any] = got.json
    return found


async def carried_out(api: Api, made: dict[str, Any]) -> dict[str, Any]:
    """Carry the set-up out, and its build once there is one; return it as the API tells it."""
    working = asyncio.create_task(setups_run.carry_out(api.platform, UUID(made["id"])))
    while not working.done():
        found = (await api("GET", f"/app-setups/{made['id']}")).json
        if found["build"] and found["build"]["status"] == "pending":
            await deploy.carry_out(api.platform, UUID(found["build"]["id"]))
    await working
    ended: dict[str, Any] = (await api("GET", f"/app-setups/{made['id']}")).json
    return ended


@pytest.fixture(autouse=True)
def workshop(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Build everything at once, and have every script end well."""

    async def build(request: BuildRequest, emit: Emit) -> BuildResult:
        emit(b"built\n")
        return BuildResult("cd" * 32, 5, {"web": "serve", "worker": "work"}, "Static")

    async def run(p: Any, _release: Any, command: commands.Command) -> int:
        p.streams.append(command.stream, f"ran {command.line}\n".encode())
        return 3 if command.line == "fail" else 0

    monkeypatch.setattr(api.platform.builder, "build", build)
    monkeypatch.setattr(commands, "run", run)


async def gone(api: Api, made: dict[str, Any]) -> bool:
    return (await api("GET", f"/apps/{made['app']['name']}")).status == 404


def left(api: Api) -> list[Path]:
    return list(api.platform.sources.glob("*.*"))


async def test_an_app_is_made_as_its_manifest_says(api: Api) -> None:
    manifest = {
        "env": {"LEVEL": "info", "SECRET": {"generator": "secret"}, "MAIL": {"required": False}},
        "formation": {"web": {"quantity": 2, "size": "standard-1x"}, "worker": {"quantity": 1}},
        "buildpacks": [{"url": "heroku/python"}],
        "scripts": {"postdeploy": "seed"},
        "success_url": "/hello",
    }
    name = f"s-{api.account.id.hex[:10]}"
    made = await setup(
        api, manifest, app={"name": name}, overrides={"env": {"LEVEL": "debug", "MORE": "yes"}}
    )
    assert (made["status"], made["app"]["name"], made["build"]) == ("pending", name, None)
    ended = await carried_out(api, made)
    assert (ended["status"], ended["failure_message"]) == ("succeeded", None)
    assert ended["postdeploy"] == {"output": "ran seed\n", "exit_code": 0}
    assert ended["resolved_success_url"].endswith("/hello")
    config = (await api("GET", f"/apps/{name}/config-vars")).json
    assert {k: v for k, v in config.items() if k != "SECRET"} == {"LEVEL": "debug", "MORE": "yes"}
    assert len(bytes.fromhex(config["SECRET"])) == 32
    formation = (await api("GET", f"/apps/{name}/formation")).json
    assert {f["type"]: (f["quantity"], f["size"]) for f in formation} == {
        "web": (2, "Standard-1X"),
        "worker": (1, "Basic"),
    }
    packs = (await api("GET", f"/apps/{name}/buildpack-installations")).json
    assert [one["buildpack"]["url"] for one in packs] == ["heroku/python"]
    assert left(api) == []


async def test_a_team_owns_what_is_set_up_for_it(api: Api) -> None:
    team = f"crew-{uuid4().hex[:8]}"
    assert (await api("POST", "/teams", {"name": team})).status == 201
    made = await setup(api, {}, app={"organization": team, "personal": False, "locked": True})
    assert (await carried_out(api, made))["status"] == "succeeded"
    app = (await api("GET", f"/teams/apps/{made['app']['name']}")).json
    assert (app["team"]["name"], app["locked"]) == (team, True)


@pytest.mark.parametrize(
    ("manifest", "message", "problem"),
    [
        ("{bad", "app.json is not valid", "app.json is not valid JSON"),
        ({"env": 5}, "app.json is not valid", "env must be an object, not a number."),
        ({"stack": "heroku-18"}, "app.json is not valid", "stack: heroku-18 is not here"),
        ({"stack": "container"}, "app.json is not valid", "stack: This platform runs dynos as"),
        ({"addons": ["none"]}, "app.json is not valid", "addons[0]: Couldn't find"),
        ({"addons": ["heroku-postgresql:huge"]}, "app.json is not valid", "addons[0]: Couldn't"),
        ({"env": {"KEY": {}}}, "app.json requires KEY, without a value.", None),
        (None, "There is no app.json at the root of the source.", None),
    ],
)
async def test_what_can_not_be_leaves_nothing(
    api: Api, manifest: object, message: str, problem: str | None
) -> None:
    made = await setup(api, manifest)
    ended = await carried_out(api, made)
    assert (ended["status"], ended["build"]) == ("failed", None)
    assert ended["failure_message"].startswith(message)
    told = ended["manifest_errors"]
    assert (told == []) if problem is None else told[0].startswith(problem)
    assert await gone(api, made)
    assert left(api) == []


async def test_a_manifest_may_ask_for_the_stack_of_images(api: Api) -> None:
    api.engine.place.runs_images_for = MACHINE
    made = await setup(api, {"stack": "container"})
    ended = await carried_out(api, made)
    # There is no Dockerfile in the source; the app is left to be looked into.
    assert (ended["status"], ended["build"]["status"]) == ("failed", "failed")
    found = (await api("GET", f"/apps/{made['app']['name']}")).json
    assert found["stack"]["name"] == "container"


async def test_an_archive_that_was_cut_off_leaves_nothing(api: Api) -> None:
    made = await setup(api, None, source=archive({})[:-30])
    ended = await carried_out(api, made)
    assert ended["failure_message"].startswith("The source archive can't be unpacked")
    assert await gone(api, made)


async def test_a_source_that_is_not_there_leaves_nothing(api: Api) -> None:
    blob = {"url": f"{api.url}/nothing-here?secret=hunter2"}
    made = (await api("POST", "/app-setups", {"source_blob": blob})).json
    ended = await carried_out(api, made)
    assert ended["failure_message"] == "The source's URL answers 404."
    blob = {"url": "http://127.0.0.1:1/source?secret=hunter2"}
    made = (await api("POST", "/app-setups", {"source_blob": blob})).json
    ended = await carried_out(api, made)
    assert ended["failure_message"].startswith("The source could not be fetched")
    assert "hunter2" not in ended["failure_message"]
    assert await gone(api, made)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "missing required field `source_blob`"),
        ({"source_blob": {"url": "ftp://x"}}, "must be a http or https URL"),
        ({"app": {"name": "A"}}, "too short"),
        ({"app": {"organization": "nobodys-crew"}}, "Couldn't find that team"),
        ({"app": {"space": "one"}}, "app.space can't be had here"),
        ({"app": {"locked": True}}, "app.locked is for apps of a team"),
        ({"overrides": {"env": {"A B": "x"}}}, "'A B' is not valid"),
        ({"overrides": {"env": {"A": 5}}}, "env"),
        ({"overrides": {"buildpacks": [{"url": ""}]}}, "buildpack is invalid"),
        ({"overrides": {"buildpacks": [{"url": "heroku/ruby"}]}}, "not in the buildpack registry"),
        ({"pipeline_coupling": {"pipeline": "none", "stage": "review"}}, "Couldn't find that"),
    ],
)
async def test_what_is_refused_at_once(api: Api, body: dict[str, Any], words: str) -> None:
    before = len((await api("GET", "/apps")).json)
    if body and "source_blob" not in body:
        body = {"source_blob": {"url": await uploaded(api, archive({}))}, **body}
    got = await api("POST", "/app-setups", body)
    assert got.status in (404, 422), got
    assert words in got.json["message"]
    assert len((await api("GET", "/apps")).json) == before
    assert left(api) == []


async def test_a_wrong_checksum_is_refused(api: Api) -> None:
    blob = {"url": await uploaded(api, archive({})), "checksum": f"SHA256:{'a' * 64}"}
    got = await api("POST", "/app-setups", {"source_blob": blob})
    assert got.status == 422
    assert "not the one that was given" in got.json["message"]


async def test_a_script_that_fails_leaves_the_app_to_be_looked_into(api: Api) -> None:
    made = await setup(api, {"scripts": {"postdeploy": "fail"}})
    ended = await carried_out(api, made)
    assert ended["failure_message"] == "postdeploy exit code was not 0"
    assert ended["postdeploy"] == {"output": "ran fail\n", "exit_code": 3}
    assert (ended["status"], ended["build"]["status"]) == ("failed", "succeeded")
    assert not await gone(api, made)


async def test_a_build_that_fails_leaves_the_app_to_be_looked_into(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def build(request: BuildRequest, emit: Emit) -> BuildResult:
        raise errors.BuildFailed("Nothing fits.")

    monkeypatch.setattr(api.platform.builder, "build", build)
    made = await setup(api, {})
    ended = await carried_out(api, made)
    assert (ended["failure_message"], ended["build"]["status"]) == ("Nothing fits.", "failed")
    assert not await gone(api, made)


async def test_an_app_that_is_destroyed_meanwhile_ends_its_set_up(api: Api) -> None:
    made = await setup(api, {})
    await api("DELETE", f"/apps/{made['app']['name']}")
    ended = await carried_out(api, made)
    assert ended["failure_message"] == "The app was destroyed while it was being set up."


async def test_nobody_else_sees_a_set_up(api: Api) -> None:
    made = await setup(api, {})
    stranger = await api.stranger()
    assert (await stranger("GET", f"/app-setups/{made['id']}")).status == 404
    assert (await api("GET", "/app-setups/nothing")).status == 404


async def test_a_set_up_goes_on_wherever_it_was_killed(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is cut off once, right after what it has done; all of it is done once in all."""
    manifest = {
        "env": {"SECRET": {"generator": "secret"}},
        "formation": {"worker": {"quantity": 3}},
        "scripts": {"postdeploy": "seed"},
    }
    steps = ("_fetch", "_configure", "_build", "_scale", "_postdeploy")
    for name in steps:
        monkeypatch.setattr(setups_run, name, _killed_after(getattr(setups_run, name)))
    made = await setup(api, manifest)
    secrets = set()
    for _ in steps:
        working = asyncio.create_task(carried_out(api, made))
        with pytest.raises(Killed):
            await working
        config = (await api("GET", f"/apps/{made['app']['name']}/config-vars")).json
        secrets.add(config.get("SECRET"))
    ended = await carried_out(api, made)
    assert ended["status"] == "succeeded"
    assert len(secrets - {None}) == 1
    name = made["app"]["name"]
    assert len((await api("GET", f"/apps/{name}/builds")).json) == 1
    releases = (await api("GET", f"/apps/{name}/releases")).json
    assert [one["description"] for one in releases] == [
        "Initial release",
        "Set SECRET config vars",
        "Deploy 1a2b3c4d",
    ]
    assert ended["postdeploy"]["output"] == "ran seed\n"
    assert left(api) == []


class Killed(BaseException):
    """What a killed daemon feels."""


def _killed_after(step: Any) -> Any:
    killed = False

    async def once(*args: Any) -> Any:
        nonlocal killed
        done = await step(*args)
        if not killed:
            killed = True
            raise Killed
        return done

    return once
