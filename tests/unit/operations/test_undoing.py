"""Which command a receipt names to take a change back."""

from __future__ import annotations

from typing import Any

import pytest

from hatoba.client import pipelines
from hatoba.client.api import Api
from hatoba.operations.base import Kind, Operation, Review
from hatoba.operations.buildpacks import Buildpacks
from hatoba.operations.drains import RemoveDrain
from hatoba.operations.review_apps import Configure
from hatoba.operations.stage_config import ChangeStage
from hatoba.operations.webhooks import RemoveWebhook
from hatoba.schema.pipelines import Owner, Pipeline
from hatoba.schema.platform import Named

HOOK = {"url": "https://hooks.example/in", "include": ["api:build", "api:release"], "level": "sync"}
SETTINGS = {
    "automatic_review_apps": True,
    "destroy_stale_apps": False,
    "stale_days": 3,
    "wait_for_ci": False,
    "base_name": None,
}


def undone(operation: Operation, before: Any, after: Any) -> str | None:
    """Return what the receipt of such a change names."""
    return operation.undo(
        Review(title="", kind=Kind.CHANGE, before=before, after=after, request={})
    )


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        (["a"], ["b", "a"], ["remove b"]),
        ([], ["a"], ["remove a"]),
        (["a", "b"], [], ["add a", "add b"]),
        (["a", "b"], ["c", "b"], ["clear", "add a", "add b"]),
        (["a", "b"], ["b"], ["clear", "add a", "add b"]),
    ],
)
def test_buildpacks(api: Api, before: list[str], after: list[str], steps: list[str]) -> None:
    operation = Buildpacks(api, "harbour", "buildpacks:set", lambda now: now)
    got = undone(operation, {"buildpacks": before}, {"buildpacks": after})
    assert got == "; ".join(f"heroku buildpacks:{step} -a harbour" for step in steps)


@pytest.mark.parametrize(
    ("gone", "named"),
    [("syslog+tls://logs.example:6514", True), ("https://••••@logs.example/", False)],
)
def test_a_removed_drain_is_named_unless_its_url_has_a_secret(
    api: Api, gone: str, named: bool
) -> None:
    before, after = {"drains": ["syslog://other", gone]}, {"drains": ["syslog://other"]}
    got = undone(RemoveDrain(api, "harbour", gone), before, after)
    assert got == f"heroku drains:add {gone if named else 'URL'} -a harbour"


def test_a_removed_webhook_is_named_with_what_it_was_told(api: Api) -> None:
    got = undone(RemoveWebhook(api, "harbour", "id"), {"webhooks": [HOOK]}, {"webhooks": []})
    assert got == (
        "heroku webhooks:add -i api:build,api:release -l sync -u https://hooks.example/in "
        "-a harbour"
    )


def test_how_review_apps_are_wanted_and_made(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "couplings", lambda *_: [])
    monkeypatch.setattr(pipelines, "apps_of", lambda *_: {})
    where = Pipeline(
        id="p",
        name="harbour",
        owner=Owner("u", "user"),
        generation=Named("g", "cedar"),
        created_at="",
        updated_at="",
    )
    on, off = {"settings": SETTINGS}, {"settings": None}
    operation = Configure(api, where, {})
    assert undone(operation, off, on) == "heroku reviewapps:disable -p harbour"
    assert undone(operation, on, off) == (
        "heroku reviewapps:enable --autodeploy --stale-days 3 -p harbour"
    )
    config = ChangeStage(api, where, "review", {"A": "1", "B": "2"})
    assert undone(config, {}, {"A": "given"}) == "heroku reviewapps:config:unset A B -p harbour"
    assert undone(config, {"A": "•••• 1234"}, {"A": "given"}) is None
