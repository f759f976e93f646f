"""Commands inside running dynos over the API, with the fake engine."""

from __future__ import annotations

from uuid import UUID

import pytest

from hatoba.engines.base import DynoSpec, Terminal
from tests.contract.api_platform import Api, deployed

RUN_INSIDE = "application/vnd.heroku+json; version=3.run-inside"


async def running(api: Api) -> dict[str, str]:
    """Return the names of an app whose noted dyno really runs in the engine."""
    names = await deployed(api)
    dyno = (await api("GET", f"/apps/{names['app']}/dynos/{names['dyno']}")).json
    spec = DynoSpec(
        id=UUID(dyno["id"]),
        app_id=UUID(dyno["app"]["id"]),
        name=dyno["name"],
        user=1,
        slug=None,
        command="serve",
        env={},
        memory=1,
    )
    await api.engine.start(spec)
    return names


def path_of(names: dict[str, str]) -> str:
    return f"/apps/{names['app']}/dynos/{names['dyno']}"


async def test_a_command_runs_inside_with_the_config_and_is_no_dyno_of_its_own(api: Api) -> None:
    names = await running(api)
    await api("PATCH", f"/apps/{names['app']}/config-vars", {"COLOUR": "blue"})
    body = {"command": "bash", "env": {"TERM": "xterm", "COLUMNS": 80, "LINES": 24}}
    made = await api("POST", path_of(names), body, Accept=RUN_INSIDE)
    assert made.status == 201, made
    assert made.json["name"] == names["dyno"]
    assert made.json["attach_url"].startswith("rendezvous://localhost:")
    listed = (await api("GET", f"/apps/{names['app']}/dynos")).json
    assert [dyno["name"] for dyno in listed] == [names["dyno"]]
    [command] = api.engine.place.commands.values()
    assert (command.spec.command, command.spec.terminal) == ("bash", Terminal(80, 24))
    assert command.spec.env["TERM"] == "xterm"
    assert command.spec.inside == UUID(made.json["id"])


async def test_the_name_of_a_process_type_means_its_command(api: Api) -> None:
    names = await running(api)
    reporting = 'web ; echo "\uffff heroku-command-exit-status: $?"'
    for command in ("web", reporting):
        assert (await api("POST", path_of(names), {"command": command})).status == 201
    started = [c.spec.command for c in api.engine.place.commands.values()]
    assert started[0] == "serve"
    assert str(started[1]).startswith("( serve\n) ; echo ")


async def test_a_session_is_resized_once_somebody_is_attached(api: Api) -> None:
    names = await running(api)
    body = {"command": "bash", "env": {"COLUMNS": 80, "LINES": 24}}
    made = await api("POST", path_of(names), body)
    secret = made.json["attach_url"].rpartition("/")[2]
    path = f"/hatoba/apps/{names['app']}/sessions/{secret}"
    size = {"columns": 132, "rows": 43}
    assert (await api("PATCH", path, size)).status == 404
    session = api.platform.sessions.take(secret)
    assert session is not None
    attachment = await api.engine.attach(session.dyno_id)
    api.platform.sessions.join(secret, session, attachment)
    assert (await api("PATCH", path, size)).status == 200
    assert api.engine.place.commands[session.dyno_id].terminal == Terminal(132, 43)
    for wrong in ({"columns": 0, "rows": 1}, {"columns": 10**9, "rows": 1}, {}):
        assert (await api("PATCH", path, wrong)).status == 422
    other = await api.app()
    assert (await api("PATCH", f"/hatoba/apps/{other}/sessions/{secret}", size)).status == 404
    api.platform.sessions.leave(secret)
    assert (await api("PATCH", path, size)).status == 404


@pytest.mark.parametrize("command", ["", "  \n"])
async def test_nothing_to_run_is_refused(api: Api, command: str) -> None:
    names = await running(api)
    assert (await api("POST", path_of(names), {"command": command})).status == 422


async def test_only_a_dyno_that_runs_is_joined(api: Api) -> None:
    names = await deployed(api)
    refused = await api("POST", path_of(names), {"command": "bash"})
    assert refused.status == 422
    assert "only inside a dyno that is up" in refused.json["message"]
    unknown = await api("POST", f"/apps/{names['app']}/dynos/web.99", {"command": "bash"})
    assert unknown.status == 404


async def test_strangers_see_nothing(api: Api) -> None:
    names = await running(api)
    stranger = await api.stranger()
    assert (await stranger("POST", path_of(names), {"command": "bash"})).status in (403, 404)
    assert api.engine.place.commands == {}
