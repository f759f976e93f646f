"""What builders say of themselves, and images of their build."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hatoba.model import cloud_native
from hatoba.model.cloud_native import LabelError

ENV = {"CNB_USER_ID": "1000", "CNB_GROUP_ID": "1000"}


def builder(**said: Any) -> cloud_native.Builder:
    labels = {"io.buildpacks.builder.metadata": json.dumps(said)}
    return cloud_native.builder(labels, ENV)


def test_run_images_are_known_by_both_of_their_places() -> None:
    old = {"runImage": {"image": "a/run:1", "mirrors": ["b/run:1", "a/run:1"]}}
    found = builder(stack=old, runImages=[{"image": "c/run:1"}, "x", {"image": 3}])
    assert found.run_images == ("a/run:1", "b/run:1", "c/run:1")
    with pytest.raises(LabelError, match="names no run image"):
        builder(stack={"runImage": {"image": ""}})


@pytest.mark.parametrize(
    ("known", "spoken"),
    [
        ({}, "0.12"),
        ({"supported": ["0.7", "0.11", "0.12", "0.15"]}, "0.12"),
        ({"supported": ["0.15"], "deprecated": ["0.9"]}, "0.9"),
    ],
)
def test_the_platform_api_is_one_that_both_speak(known: dict[str, Any], spoken: str) -> None:
    run = {"runImage": {"image": "a"}}
    assert builder(stack=run, lifecycle={"apis": {"platform": known}}).platform_api == spoken


def test_a_lifecycle_that_speaks_none_of_them_is_told() -> None:
    run = {"runImage": {"image": "a"}}
    with pytest.raises(LabelError, match=r"speaks the platform API 0\.3, and this platform 0\.7, "):
        builder(stack=run, lifecycle={"apis": {"platform": {"supported": ["0.3"]}}})


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, "null"])
def test_other_labels_are_refused(text: str) -> None:
    with pytest.raises(LabelError):
        cloud_native.built({"io.buildpacks.build.metadata": text})


def test_commands_of_old_and_new_lifecycles_are_shown() -> None:
    processes = [
        {"type": "web", "command": "bundle exec puma", "args": ["-p", "a b"]},
        {"type": "job", "command": ["python", "a b.py"]},
        {"type": "shell", "command": ["bash", "-c"], "args": ["a && b"]},
        {"command": "nameless"},
    ]
    built = cloud_native.built(
        {"io.buildpacks.build.metadata": json.dumps({"processes": processes})}
    )
    assert built.processes == {
        "web": "bundle exec puma -p 'a b'",
        "job": "python 'a b.py'",
        "shell": "a && b",
    }
