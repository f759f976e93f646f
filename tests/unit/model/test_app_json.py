from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatoba.model.app_json import AddonWish, Manifest, ManifestError, Scale, Script, parse

FULL: dict[str, Any] = {
    "$schema": "https://example.com",
    "name": "Small Sharp Tool",
    "description": "It does one thing.",
    "keywords": ["productivity", "scalpel"],
    "website": "https://example.com",
    "repository": "https://example.com/repo",
    "logo": "https://example.com/logo.svg",
    "success_url": "/welcome",
    "stack": "heroku-24",
    "image": "heroku/ruby",
    "env": {
        "LEVEL": "info",
        "SECRET": {"description": "Signs cookies.", "generator": "secret"},
        "WEB_CONCURRENCY": {"value": "5"},
        "MAIL": {"required": False},
        "KEY": {"description": "Somebody must give it."},
    },
    "formation": {"web": {"quantity": 2, "size": "Standard-1x"}, "worker": {}},
    "addons": ["heroku-redis", {"plan": "heroku-postgresql:x", "as": "MAIN", "options": {"n": 1}}],
    "buildpacks": [{"url": "heroku/python"}, {"url": "https://example.com/pack"}],
    "scripts": {"postdeploy": "make seed", "pr-predestroy": {"command": "bye", "size": "basic"}},
    "environments": {
        "review": {"env": {"LEVEL": "debug"}, "addons": [], "scripts": {"postdeploy": "seed"}},
        "test": {"scripts": {"test": "pytest", "test-setup": "pip install ."}, "formation": {}},
        "production": {"env": 5},
    },
}


def test_every_key_is_read() -> None:
    found = parse(json.dumps(FULL))
    assert found.texts["name"] == "Small Sharp Tool"
    assert found.keywords == ("productivity", "scalpel")
    assert found.formation == {"web": Scale(2, "Standard-1x"), "worker": Scale()}
    assert found.addons == (
        AddonWish("heroku-redis"),
        AddonWish("heroku-postgresql:x", "MAIN", {"n": "1"}),
    )
    assert found.buildpacks == ("heroku/python", "https://example.com/pack")
    assert found.scripts == {
        "postdeploy": Script("make seed"),
        "pr-predestroy": Script("bye", "basic"),
    }
    assert set(found.environments) == {"review", "test"}
    assert found.success_url("http://a.localhost/") == "http://a.localhost/welcome"


def test_an_environment_goes_before_the_whole() -> None:
    found = parse(json.dumps(FULL))
    review, test = found.within("review"), found.within("test")
    assert review.env["LEVEL"].value == "debug"
    assert review.env["WEB_CONCURRENCY"].value == "5"
    assert review.addons == ()
    assert review.scripts["postdeploy"].command == "seed"
    assert review.scripts["pr-predestroy"].command == "bye"
    assert test.addons == found.addons
    assert test.formation == {}
    assert test.scripts["test"].command == "pytest"
    assert parse("{}").within("review") == Manifest()


def test_values_are_given_made_or_the_manifests_own() -> None:
    found = parse(json.dumps(FULL))
    assert found.missing({}) == ["KEY"]
    assert found.missing({"KEY": "k"}) == []
    made = iter(["first", "second"])
    assert found.values({"KEY": "k", "LEVEL": "warn"}, lambda: next(made)) == {
        "LEVEL": "warn",
        "SECRET": "first",
        "WEB_CONCURRENCY": "5",
        "KEY": "k",
    }
    assert found.values({"SECRET": "mine"}, lambda: "never")["SECRET"] == "mine"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "app.json is not valid JSON"),
        ("[]", "app.json must be an object, not an array."),
        ("null", "app.json must be an object, not null."),
        ('{"name": 5}', "name must be a string, not a number."),
        ('{"keywords": "a"}', "keywords must be an array, not a string."),
        ('{"keywords": [true]}', "keywords[0] must be a string, not true or false."),
        ('{"env": []}', "env must be an object, not an array."),
        ('{"env": {"A": 5}}', "env.A must be a string or an object, not a number."),
        ('{"env": {"A": {"value": 5}}}', "env.A.value must be a string, not a number."),
        ('{"env": {"A": {"generator": "uuid"}}}', 'env.A.generator can only be "secret".'),
        ('{"env": {"A": {"required": "no"}}}', "env.A.required must be true or false"),
        ('{"env": {"A B": "x"}}', "env: Config var name 'A B' is not valid"),
        ('{"formation": {"web": 2}}', "formation.web must be an object, not a number."),
        ('{"formation": {"web": {"quantity": -1}}}', "formation.web.quantity must be a whole"),
        ('{"formation": {"web": {"quantity": true}}}', "formation.web.quantity must be a whole"),
        ('{"formation": {"web": {"size": "huge"}}}', "formation.web.size: no such dyno size as"),
        ('{"addons": {}}', "addons must be an array, not an object."),
        ('{"addons": [5]}', "addons[0] must be a plan's name or an object, not a number."),
        ('{"addons": [{"as": "MAIN"}]}', "addons[0].plan is missing."),
        ('{"addons": [{"plan": "p", "as": "main"}]}', "addons[0].as: Name is invalid"),
        ('{"addons": [{"plan": "p", "options": {"a": []}}]}', "addons[0].options.a must be"),
        ('{"buildpacks": ["heroku/python"]}', "buildpacks[0] must be an object with a url"),
        ('{"buildpacks": [{}]}', "buildpacks[0].url is missing."),
        ('{"scripts": {"postdeploy": []}}', "scripts.postdeploy must be a command line"),
        ('{"scripts": {"postdeploy": {}}}', "scripts.postdeploy.command is missing."),
        ('{"environments": {"test": {"env": 1}}}', "environments.test.env must be an object"),
        ('{"environments": {"review": 1}}', "environments.review must be an object, not a"),
    ],
)
def test_what_is_wrong_is_told_by_its_key(text: str, problem: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse(text)
    assert any(one.startswith(problem) for one in caught.value.problems), caught.value.problems


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ManifestError) as caught:
        parse('{"name": 1, "env": 2, "addons": 3}')
    assert len(caught.value.problems) == 3


def test_values_are_not_in_a_manifests_repr() -> None:
    assert "hunter2" not in repr(parse('{"env": {"A": {"value": "hunter2"}}}'))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(sorted(FULL)), json_values, max_size=4))
def test_whatever_comes_is_read_or_refused(raw: dict[str, Any]) -> None:
    try:
        found = parse(json.dumps(raw))
    except ManifestError as error:
        told = error.problems
    else:
        told = [str(found.within("review").missing({}))]
    assert told
