"""An import that meets a name which an attachment has already."""

from __future__ import annotations

from itertools import islice

from hatoba.client.api import Api
from hatoba.client.origin import Origin
from hatoba.client.target import Target
from hatoba.operations.imports.source import SourceApp
from hatoba.operations.imports.steps import Import, State, Step
from tests.unit.addon_platform import AddonPlatform
from tests.unit.fake_platform import NOW, Handler

STACK = {
    "id": "s-1",
    "name": "heroku-24",
    "state": "public",
    "default": True,
    "created_at": NOW,
    "updated_at": NOW,
}


class Here(AddonPlatform):
    """The platform that the app is taken to."""

    def _routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/stacks", lambda _: (200, [STACK])),
            ("GET", "/apps/harbour/buildpack-installations", lambda _: (200, [])),
            *super()._routes(),
        ]


class NoCode:
    """An app without code."""

    def step(self, source: SourceApp, app: str) -> Step:
        return Step(f"code of {source.name} for {app}", State.THERE)


def source(shared: dict[str, str], *buildpacks: str) -> SourceApp:
    return SourceApp(
        *("leaver", "heroku-24", False, {}, {}, (), shared, buildpacks, (), (), (), (), (), None)
    )


def test_a_buildpack_that_is_not_here_is_left_out() -> None:
    api = Api(Target(Origin("http", "localhost", 1), "a-token", None), Here())
    wanted = source({}, "heroku/ruby", "heroku/python", "https://git.example/pack.git")
    steps = islice(Import(api, wanted, "harbour", NoCode()).steps(), 3)
    found = {step.what: step.state for step in steps}
    assert found["buildpack heroku/ruby"] is State.NO_COUNTERPART
    assert found["buildpacks heroku/python, https://git.example/pack.git"] is State.TO_DO


def test_an_attachment_that_takes_anothers_place_is_shown_as_that() -> None:
    api = Api(Target(Origin("http", "localhost", 1), "a-token", None), Here())
    wanted = {"ACME": "buoy", "BUOY": "buoy"}
    steps = Import(api, source(wanted), "harbour", NoCode()).steps()
    found = {}
    for step in steps:
        found[step.what] = (step.state, step.note)
        if step.what == "attachment BUOY":
            break
    assert found["attachment ACME"] == (State.OVERWRITES, "of buoy instead of lamp")
    assert found["attachment BUOY"] == (State.TO_DO, "of buoy")
