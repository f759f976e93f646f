"""Pipelines and promotions through the API, with a real Postgres behind them."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.api_platform import Api, deployed


def fresh() -> str:
    return f"p-{uuid4().hex[:10]}"


async def pipeline(api: Api, **stages: str) -> dict[str, Any]:
    """Make a pipeline with these apps, by stage."""
    made = await api("POST", "/pipelines", {"name": fresh(), "owner": None})
    assert made.status == 201, made
    for stage, app in stages.items():
        body = {"app": app, "pipeline": made.json["id"], "stage": stage}
        got = await api("POST", "/pipeline-couplings", body)
        assert got.status == 201, got
    found: dict[str, Any] = made.json
    return found


async def promote(api: Api, made: dict[str, Any], source: str, *targets: str) -> Any:
    body = {
        "pipeline": {"id": made["id"]},
        "source": {"app": {"id": await ident(api, source)}},
        "targets": [{"app": {"id": await ident(api, one)}} for one in targets],
    }
    return await api("POST", "/pipeline-promotions", body)


async def ident(api: Api, app: str) -> str:
    return str((await api("GET", f"/apps/{app}")).json["id"])


async def test_a_pipeline_is_made_found_renamed_and_forgotten(api: Api) -> None:
    app = await api.app()
    made = await pipeline(api, staging=app)
    named = await api("GET", f"/pipelines?eq[name]={made['name']}")
    assert [one["id"] for one in named.json] == [made["id"]]
    assert made["owner"] == {"id": str(api.account.id), "type": "user"}
    place = (await api("GET", f"/apps/{app}/pipeline-couplings")).json
    assert (place["stage"], place["pipeline"]["name"]) == ("staging", made["name"])
    renamed = await api("PATCH", f"/pipelines/{made['id']}", {"name": f"{made['name']}x"})
    assert renamed.json["name"] == f"{made['name']}x"
    assert (await api("DELETE", f"/pipelines/{made['id']}", {"name": "x"})).status == 200
    assert (await api("GET", f"/pipelines/{made['id']}")).status == 404
    assert (await api("GET", f"/apps/{app}/pipeline-couplings")).status == 404
    assert (await api("GET", f"/apps/{app}")).status == 200


@pytest.mark.parametrize("name", ["", "ab", "Upper", "1st", "a b", "x" * 31])
async def test_names_that_can_not_be(api: Api, name: str) -> None:
    got = await api("POST", "/pipelines", {"name": name})
    assert (got.status, got.json["id"]) == (422, "invalid_params")


async def test_a_name_is_taken_once(api: Api) -> None:
    made = await pipeline(api)
    again = await api("POST", "/pipelines", {"name": made["name"]})
    assert (again.status, again.json["message"]) == (422, f"Name {made['name']} is already taken")


async def test_an_app_is_in_one_pipeline(api: Api) -> None:
    app = await api.app()
    first, second = await pipeline(api, staging=app), await pipeline(api)
    body = {"app": app, "pipeline": second["id"], "stage": "production"}
    got = await api("POST", "/pipeline-couplings", body)
    assert got.status == 422
    assert got.json["message"] == f"{app} is already in the pipeline {first['name']}, at staging."


async def test_a_promotion_releases_the_same_slug_with_the_targets_own_config(api: Api) -> None:
    source, target = (await deployed(api))["app"], await api.app()
    await api("PATCH", f"/apps/{target}/config-vars", {"WHERE": "target"})
    made = await pipeline(api, staging=source, production=target)
    got = await promote(api, made, source, target)
    assert got.status == 201, got
    assert got.json["status"] == "completed"
    (one,) = (await api("GET", f"/pipeline-promotions/{got.json['id']}/promotion-targets")).json
    assert one["status"] == "succeeded"
    release = (await api("GET", f"/apps/{target}/releases/{one['release']['id']}")).json
    assert release["current"] is True
    assert release["description"].startswith(f"Promote {source} v")
    there = (await api("GET", f"/apps/{target}/slugs/{release['slug']['id']}")).json
    assert there["checksum"] == f"SHA256:{'ab' * 32}"
    assert (await api("GET", f"/apps/{target}/config-vars")).json == {"WHERE": "target"}


async def test_nothing_is_promoted_when_a_target_is_not_of_the_pipeline(api: Api) -> None:
    source, target, other = (await deployed(api))["app"], await api.app(), await api.app()
    made = await pipeline(api, staging=source, production=target)
    got = await promote(api, made, source, target, other)
    assert got.status == 422
    assert got.json["message"] == f"{other} is not in the pipeline {made['name']}."
    assert len((await api("GET", f"/apps/{target}/releases")).json) == 1


async def test_an_app_without_a_slug_has_nothing_to_promote(api: Api) -> None:
    source, target = await api.app(), await api.app()
    made = await pipeline(api, staging=source, production=target)
    got = await promote(api, made, source, target)
    assert got.status == 422
    assert f"{source} has nothing to promote" in got.json["message"]
    itself = await promote(api, made, target, target)
    assert itself.status == 422


async def test_promotions_to_each_other_at_once_do_not_wait_for_each_other(api: Api) -> None:
    one, other = (await deployed(api))["app"], (await deployed(api))["app"]
    made = await pipeline(api, staging=one, production=other)
    got = await asyncio.gather(
        *(promote(api, made, *pair) for pair in [(one, other), (other, one)])
    )
    assert [g.status for g in got] == [201, 201]


async def test_nothing_is_promoted_onto_an_app_that_is_not_as_it_was_reviewed(api: Api) -> None:
    source, target, other = (await deployed(api))["app"], await api.app(), await api.app()
    made = await pipeline(api, staging=source, production=target)
    coupled = {"app": other, "pipeline": made["id"], "stage": "production"}
    await api("POST", "/pipeline-couplings", coupled)
    seen = {one: await api("GET", f"/apps/{one}") for one in (source, target, other)}
    await api("PATCH", f"/apps/{other}/config-vars", {"MEANWHILE": "changed"})
    body = {
        "pipeline": {"id": made["id"]},
        "source": {"app": {"id": seen[source].json["id"]}},
        "targets": [
            {
                "app": {"id": seen[one].json["id"]},
                "reviewed": int(seen[one].headers["hatoba-version"]),
            }
            for one in (target, other)
        ],
    }
    got = await api("POST", "/pipeline-promotions", body)
    assert (got.status, got.json["id"]) == (409, "stale_review")
    assert got.json["message"].startswith(f"{other} has changed since it was reviewed")
    assert len((await api("GET", f"/apps/{target}/releases")).json) == 1
    after = int((await api("GET", f"/apps/{other}")).headers["hatoba-version"])
    body["targets"][1]["reviewed"] = after  # type: ignore[index]
    assert (await api("POST", "/pipeline-promotions", body)).status == 201


async def test_a_stranger_sees_nothing_and_may_do_nothing(api: Api) -> None:
    source, target = (await deployed(api))["app"], await api.app()
    made = await pipeline(api, staging=source, production=target)
    coupling = (await api("GET", f"/apps/{source}/pipeline-couplings")).json["id"]
    promotion = (await promote(api, made, source, target)).json["id"]
    stranger = await api.stranger()
    assert made["id"] not in {p["id"] for p in (await stranger("GET", "/pipelines")).json}
    for method, path in (
        ("GET", f"/pipelines/{made['id']}"),
        ("DELETE", f"/pipelines/{made['id']}"),
        ("GET", f"/pipelines/{made['id']}/pipeline-couplings"),
        ("DELETE", f"/pipeline-couplings/{coupling}"),
        ("GET", f"/pipeline-promotions/{promotion}/promotion-targets"),
    ):
        assert (await stranger(method, path)).status == 404, (method, path)


async def test_a_collaborator_may_promote_but_not_destroy(api: Api) -> None:
    source, target = (await deployed(api))["app"], await api.app()
    made = await pipeline(api, staging=source, production=target)
    friend = await api.stranger()
    await api("POST", f"/apps/{source}/collaborators", {"user": friend.account.email})
    assert (await friend("GET", f"/pipelines/{made['id']}")).status == 200
    ids = {"source": await ident(api, source), "target": await ident(api, target)}
    body = {
        "pipeline": {"id": made["id"]},
        "source": {"app": {"id": ids["source"]}},
        "targets": [{"app": {"id": ids["target"]}}],
    }
    assert (await friend("POST", "/pipeline-promotions", body)).status == 403
    await api("POST", f"/apps/{target}/collaborators", {"user": friend.account.email})
    assert (await friend("POST", "/pipeline-promotions", body)).status == 201
    assert (await friend("DELETE", f"/pipelines/{made['id']}")).status == 403


async def test_a_pipeline_is_handed_over_with_its_apps(api: Api) -> None:
    app = await api.app()
    made = await pipeline(api, staging=app)
    friend = await api.stranger()
    await api("POST", f"/apps/{app}/collaborators", {"user": friend.account.email})
    body = {
        "pipeline": {"id": made["id"]},
        "new_owner": {"id": str(friend.account.id), "type": "user"},
    }
    assert (await api("POST", "/pipeline-transfers", body)).status == 201
    found = (await friend("GET", f"/apps/{app}")).json
    assert found["owner"]["email"] == friend.account.email
    assert (await api("GET", f"/apps/{app}")).status == 200
    assert (await api("DELETE", f"/pipelines/{made['id']}")).status == 403
