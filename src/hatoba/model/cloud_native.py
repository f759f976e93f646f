"""Cloud Native Buildpacks: what builder images say of themselves, and the images they make. Pure.

https://github.com/buildpacks/spec/blob/main/platform.md
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Where the images of an app are among its own, and that of its builder that they lie on.
IMAGE = "cnb"
RUN_IMAGE = "cnb-run"
# What is spoken here of the interface between platform and lifecycle, the best first.
PLATFORM_APIS = ("0.12", "0.13", "0.14", "0.11", "0.10", "0.9", "0.8", "0.7")
_BUILDER, _BUILT = "io.buildpacks.builder.metadata", "io.buildpacks.build.metadata"
_SHELLS = frozenset(("bash", "sh", "/bin/bash", "/bin/sh"))
Json = Mapping[str, Any]


class LabelError(ValueError):
    """An image's labels don't say what they must; the text tells, after the image's name, how."""


@dataclass(frozen=True)
class Buildpack:
    """A buildpack by its id, such as ``heroku/python``."""

    id: str
    version: str
    homepage: str = ""


@dataclass(frozen=True)
class Builder:
    """A builder image: as whom it builds, for what run images (the first that is there is good),

    its buildpacks, and the platform API to speak with its lifecycle. ``extensions`` are the ids of
    its image extensions, which make a base image of their own for an app.
    """

    user: int
    group: int
    run_images: tuple[str, ...]
    buildpacks: tuple[Buildpack, ...]
    platform_api: str
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Built:
    """What an app's image says of its build: command lines by process type, and the buildpacks."""

    processes: Mapping[str, str]
    buildpacks: tuple[Buildpack, ...]


def builder(labels: Mapping[str, str], env: Mapping[str, str]) -> Builder:
    """Read a builder's labels and environment. Raises LabelError."""
    said = _read(labels, _BUILDER)
    run_images = _run_images(said)
    if not run_images:
        raise LabelError("names no run image")
    return Builder(
        user=_number(env, "CNB_USER_ID"),
        group=_number(env, "CNB_GROUP_ID"),
        run_images=run_images,
        buildpacks=_buildpacks(said, "buildpacks"),
        platform_api=_platform_api(_mapping(said, "lifecycle")),
        extensions=tuple(one.id for one in _buildpacks(said, "extensions")),
    )


def built(labels: Mapping[str, str]) -> Built:
    """Read the labels of an app's image. Raises LabelError."""
    said = _read(labels, _BUILT)
    processes = {
        str(one["type"]): _shown(one)
        for one in _list(said, "processes")
        if isinstance(one, dict) and one.get("type")
    }
    return Built(processes, _buildpacks(said, "buildpacks"))


def process(name: str) -> tuple[str, ...]:
    """Return the words that start a process of an app's image, by its launcher."""
    return (f"/cnb/process/{name}",)


def _read(labels: Mapping[str, str], name: str) -> Json:
    try:
        said = json.loads(labels[name])
    except (LookupError, ValueError, RecursionError) as error:
        raise LabelError(f"has no label {name}") from error
    if not isinstance(said, dict):
        raise LabelError(f"has something else than an object as label {name}")
    return said


def _run_images(said: Json) -> tuple[str, ...]:
    one = _mapping(_mapping(said, "stack"), "runImage")
    found = [one, *(other for other in _list(said, "runImages") if isinstance(other, dict))]
    names = [name for one in found for name in (one.get("image"), *_list(one, "mirrors"))]
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name))


def _number(env: Mapping[str, str], name: str) -> int:
    value = env.get(name, "")
    if not value.isdecimal() or not 0 < int(value) < 2**31:
        raise LabelError(f"does not say by {name} as whom to build, or as root")
    return int(value)


def _buildpacks(said: Json, kind: str) -> tuple[Buildpack, ...]:
    return tuple(
        Buildpack(*(str(one.get(name) or "") for name in ("id", "version", "homepage")))
        for one in _list(said, kind)
        if isinstance(one, dict) and one.get("id")
    )


def _platform_api(lifecycle: Json) -> str:
    known = _mapping(_mapping(lifecycle, "apis"), "platform")
    spoken = [*_list(known, "supported"), *_list(known, "deprecated")]
    if not spoken:
        return PLATFORM_APIS[0]
    for version in PLATFORM_APIS:
        if version in spoken:
            return version
    raise LabelError(
        f"has a lifecycle that speaks the platform API {', '.join(map(str, spoken))}, "
        f"and this platform {', '.join(sorted(PLATFORM_APIS, key=_numbers))}"
    )


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _shown(process: Json) -> str:
    """Return a process's command as people read it; older lifecycles have a text, not a list."""
    command = process.get("command") or []
    words = [command] if isinstance(command, str) else command
    words = [str(word) for word in (*words, *_list(process, "args"))]
    if len(words) == 3 and words[0] in _SHELLS and words[1] == "-c":
        return words[2]
    if isinstance(command, str):
        words = [command, *map(shlex.quote, words[1:])]
        return " ".join(words)
    return shlex.join(words)


def _mapping(said: Json, name: str) -> Json:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def _list(said: Json, name: str) -> Sequence[Any]:
    value = said.get(name)
    return value if isinstance(value, list) else ()
