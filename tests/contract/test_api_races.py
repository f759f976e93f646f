"""Changes of one thing at the same time: each is whole or refused, and none is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import pytest

from tests.contract.api_platform import Api, Got, deployed
from tests.contract.invariants import broken
from tests.contract.test_slugs_api import packed

Change = tuple[str, str, object]


@pytest.fixture
async def names(api: Api) -> dict[str, str]:
    return await deployed(api)


async def at_once(api: Api, changes: Iterable[Change]) -> list[Got]:
    """Send changes at once; none of them may fail."""
    answers = await asyncio.gather(*(api(*change) for change in changes))
    assert [one for one in answers if one.status >= 500] == []
    assert await broken(api.platform.store) == {}
    return list(answers)


def counted(answers: Sequence[Got]) -> tuple[int, int]:
    """Return how many were good, and how many were refused."""
    good = sum(one.status < 300 for one in answers)
    return good, len(answers) - good


async def releases(api: Api, app: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api("GET", f"{app}/releases")).json
    return found


async def test_no_config_var_is_lost_and_each_change_is_a_release(
    api: Api, names: dict[str, str]
) -> None:
    app = f"/apps/{names['app']}"
    before = len(await releases(api, app))
    changes = [("PATCH", f"{app}/config-vars", {f"K{n}": str(n)}) for n in range(20)]
    assert counted(await at_once(api, changes)) == (20, 0)
    assert (await api("GET", f"{app}/config-vars")).json == {f"K{n}": str(n) for n in range(20)}
    made = await releases(api, app)
    assert [one["version"] for one in made] == list(range(1, before + 21))
    assert Counter(one["current"] for one in made) == {False: before + 19, True: 1}
    assert made[-1]["current"] is True


async def test_of_changes_to_the_same_reviewed_state_one_is_carried_out(
    api: Api, names: dict[str, str]
) -> None:
    app = f"/apps/{names['app']}"
    version = (await api("GET", app)).headers["hatoba-version"]
    wanted = [{"A": str(n)} for n in range(8)]
    path = f"{app}/config-vars"
    answers = await asyncio.gather(
        *(api("PATCH", path, one, Hatoba_If_Version=version) for one in wanted)
    )
    good = [one for one in answers if one.status == 200]
    assert len(good) == 1
    assert {one.status for one in answers if one.status != 200} == {409}
    assert (await api("GET", path)).json == good[0].json


async def test_relative_scaling_adds_up(api: Api, names: dict[str, str]) -> None:
    path = f"/apps/{names['app']}/formation"
    assert (await api("PATCH", f"{path}/web", {"quantity": 10})).status == 200
    ups = [("PATCH", path, {"updates": [{"type": "web", "quantity": "+1"}]})] * 9
    downs = [("PATCH", f"{path}/web", {"quantity": "-1"})] * 4
    assert counted(await at_once(api, [*ups, *downs])) == (13, 0)
    (now,) = (await api("GET", path)).json
    assert now["quantity"] == 10 + 9 - 4


async def _for_a_hostname(api: Api, apps: list[str]) -> list[Change]:
    body = {"hostname": f"{apps[0][6:]}.race.example", "sni_endpoint": None}
    return [("POST", f"{app}/domains", body) for app in apps * 2]


async def _for_a_name(api: Api, apps: list[str]) -> list[Change]:
    return [("PATCH", app, {"name": f"r{apps[0][6:]}"}) for app in apps]


async def _for_a_place(api: Api, apps: list[str]) -> list[Change]:
    made = [(await api("POST", "/pipelines", {"name": f"p{app[6:]}"})).json for app in apps]
    wanted = {"app": apps[0][6:], "stage": "staging"}
    return [("POST", "/pipeline-couplings", {**wanted, "pipeline": one["id"]}) for one in made]


@pytest.mark.parametrize("race", [_for_a_hostname, _for_a_name, _for_a_place])
async def test_what_there_can_be_one_of_is_given_once(
    api: Api, race: Callable[[Api, list[str]], Awaitable[list[Change]]]
) -> None:
    changes = await race(api, [f"/apps/{await api.app()}" for _ in range(4)])
    assert counted(await at_once(api, changes)) == (1, len(changes) - 1)


async def test_who_is_invited_by_several_is_there_once(api: Api) -> None:
    app, friend = f"/apps/{await api.app()}", await api.stranger()
    invited = [("POST", f"{app}/collaborators", {"user": friend.account.email})] * 6
    assert len({one.json["id"] for one in await at_once(api, invited)}) == 1
    emails = [one["user"]["email"] for one in (await api("GET", f"{app}/collaborators")).json]
    assert emails.count(friend.account.email) == 1


async def test_an_app_that_is_destroyed_meanwhile_stays_destroyed(
    api: Api, names: dict[str, str]
) -> None:
    app = f"/apps/{names['app']}"
    changes: list[Change] = [
        ("PATCH", f"{app}/config-vars", {"A": "1"}),
        ("POST", f"{app}/releases", {"slug": names["slug"]}),
        ("DELETE", app, None),
        ("PATCH", f"{app}/formation", {"updates": [{"type": "web", "quantity": 3}]}),
        ("POST", f"{app}/log-drains", {"url": "syslog://127.0.0.1:9"}),
        ("POST", f"{app}/slugs", {"process_types": {"web": "x"}}),
        ("POST", f"{app}/domains", {"hostname": f"x.{names['app']}.example", "sni_endpoint": None}),
        ("PATCH", app, {"maintenance": True}),
        ("DELETE", app, None),
    ]
    answers = await at_once(api, changes * 3)
    assert {one.status for one in answers} <= {200, 201, 202, 403, 404, 409, 422}
    destroyed = [a for a, c in zip(answers, changes * 3, strict=True) if c[0] == "DELETE"]
    assert counted(destroyed)[0] == 1
    assert (await api("GET", app)).status == 404
    assert names["app"] not in [one["name"] for one in (await api("GET", "/apps")).json]


async def test_one_build_of_many_goes_ahead(api: Api) -> None:
    app = f"/apps/{await api.app()}"
    blob = (await api("POST", f"{app}/sources")).json["source_blob"]
    assert (await api("PUT", blob["put_url"], raw=b"tar")).status == 200
    wanted = {"source_blob": {"url": blob["get_url"], "version": "1a2b3c4"}}
    assert counted(await at_once(api, [("POST", f"{app}/builds", wanted)] * 6)) == (1, 5)


async def test_a_slug_that_is_put_by_several_is_there_once(api: Api) -> None:
    app = f"/apps/{await api.app()}"
    made = (await api("POST", f"{app}/slugs", {"process_types": {"web": "./web"}})).json
    puts = [api("PUT", made["blob"]["url"], raw=packed()) for _ in range(5)]
    answers = await asyncio.gather(*puts)
    assert Counter(one.status for one in answers) == {200: 1, 409: 4}
    assert (await api("GET", f"{app}/slugs/{made['id']}")).json["size"] > 0
