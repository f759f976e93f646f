"""heroku.yml: which images an app on the stack ``container`` is built of, and what they run. Pure.

https://devcenter.heroku.com/articles/build-docker-images-heroku-yml
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import yaml

FILE = "heroku.yml"
DOCKERFILE = "Dockerfile"
# A manifest is written by hand; what is longer is something else.
MAX_BYTES = 256 * 1024
RELEASE = "release"
_USUAL_TYPE = "web"
_TYPE = re.compile(r"[A-Za-z0-9_-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class ManifestError(ValueError):
    """The manifest can't be used; its text says why, in one line."""


@dataclass(frozen=True)
class Target:
    """What to build: a Dockerfile by its path in the repository, and a stage of it, if not all."""

    dockerfile: str
    stage: str | None = None

    @property
    def shown(self) -> str:
        """How people are told of it."""
        return f"{self.dockerfile}, stage {self.stage}" if self.stage else self.dockerfile


@dataclass(frozen=True)
class Command:
    """A command line, and the process type whose image it runs in."""

    line: str
    image: str


@dataclass(frozen=True)
class AddonWish:
    """An add-on by ``service`` or ``service:plan``, and the name to attach it by, if any."""

    plan: str
    attachment: str | None = None


@dataclass(frozen=True)
class Manifest:
    """A valid heroku.yml: ``targets`` by process type, ``arguments`` for all their Dockerfiles.

    A process type that ``commands`` has not runs what its Dockerfile says. ``addons`` and
    ``config`` are for an app that is made from it; a push does not look at them.
    """

    targets: Mapping[str, Target]
    arguments: Mapping[str, str] = field(default_factory=dict)
    commands: Mapping[str, Command] = field(default_factory=dict)
    addons: tuple[AddonWish, ...] = ()
    config: Mapping[str, str] = field(default_factory=dict)


def of_dockerfile() -> Manifest:
    """Return what a repository means that has a Dockerfile and no heroku.yml."""
    return Manifest({_USUAL_TYPE: Target(DOCKERFILE)})


def parse(text: str) -> Manifest:
    """Return what a heroku.yml says. Raises ManifestError."""
    said = _mapping(_loaded(text), "", ("setup", "build", "run", RELEASE))
    build = _mapping(said.get("build"), "build", ("docker", "config"))
    targets = _targets(build.get("docker"))
    setup = _mapping(said.get("setup"), "setup", ("addons", "config"))
    return Manifest(
        targets=targets,
        arguments=_texts(build.get("config"), "build.config"),
        commands={**_run(said.get("run"), targets), **_release(said.get(RELEASE), targets)},
        addons=_addons(setup.get("addons")),
        config=_texts(setup.get("config"), "setup.config"),
    )


def _loaded(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ManifestError(f"{FILE} is not YAML: {line}{error.problem}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ManifestError(f"{FILE} is not YAML: {' '.join(str(error).split())}.") from error


def _mapping(value: object, path: str, known: Collection[str] = ()) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise _wrong(path or "the whole", "must be a mapping")
    for key in value:
        if known and key not in known:
            raise _wrong(f"{path}.{key}".lstrip("."), f"is none of {', '.join(known)}")
    return value


def _targets(value: object) -> dict[str, Target]:
    found = _mapping(value, "build.docker")
    if not found:
        raise _wrong("build.docker", "must name a Dockerfile, as in 'web: Dockerfile'")
    return {_type(name, "build.docker"): _target(name, one) for name, one in found.items()}


def _target(name: str, value: object) -> Target:
    path = f"build.docker.{name}"
    if isinstance(value, str):
        return Target(_inside(value, path))
    said = _mapping(value, path, ("dockerfile", "target"))
    stage = said.get("target")
    return Target(
        _inside(said.get("dockerfile", DOCKERFILE), f"{path}.dockerfile"),
        _line(stage, f"{path}.target") if stage is not None else None,
    )


def _inside(value: object, path: str) -> str:
    parts = [part for part in _line(value, path).split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        raise _wrong(path, "must be a file of the repository")
    return "/".join(parts)


def _run(value: object, targets: Collection[str]) -> dict[str, Command]:
    found = _mapping(value, "run")
    if RELEASE in found:
        raise _wrong("run.release", "belongs into the section release, beside run")
    return {_type(name, "run"): _command(name, one, targets) for name, one in found.items()}


def _command(name: str, value: object, targets: Collection[str]) -> Command:
    path = f"run.{name}"
    said = _mapping(value, path, ("command", "image")) if isinstance(value, dict) else {}
    line = _commands(said.get("command") if said else value, f"{path}.command" if said else path)
    return Command(line, _image(said.get("image", name), path, targets))


def _release(value: object, targets: Collection[str]) -> dict[str, Command]:
    if value is None:
        return {}
    said = _mapping(value, RELEASE, ("command", "image"))
    image = _image(said.get("image", _USUAL_TYPE), RELEASE, targets)
    return {RELEASE: Command(_commands(said.get("command"), "release.command"), image)}


def _commands(value: object, path: str) -> str:
    """Read one command line, or a list of them of which each runs if the last has succeeded."""
    if isinstance(value, list) and value:
        return " && ".join(_line(one, path) for one in value)
    return _line(value, path)


def _image(value: object, path: str, targets: Collection[str]) -> str:
    if not isinstance(value, str) or value not in targets:
        raise _wrong(
            path,
            f"needs the image of {value}, which build.docker does not build; "
            f"it builds {', '.join(targets)}",
        )
    return value


def _addons(value: object) -> tuple[AddonWish, ...]:
    if not isinstance(value, list | None):
        raise _wrong("setup.addons", "must be a list")
    found = []
    for number, one in enumerate(value or ()):
        path = f"setup.addons[{number}]"
        said = _mapping(one, path, ("plan", "as"))
        name = said.get("as")
        alias = _line(name, f"{path}.as") if name is not None else None
        found.append(AddonWish(_line(said.get("plan"), f"{path}.plan"), alias))
    return tuple(found)


def _texts(value: object, path: str) -> dict[str, str]:
    found = {}
    for name, one in _mapping(value, path).items():
        if not _VARIABLE.fullmatch(name):
            raise _wrong(f"{path}.{name}", "is no name of a variable")
        if not isinstance(one, str | int | float):
            raise _wrong(f"{path}.{name}", "must be a text or a number")
        # YAML's true and false are Python's too, but are written small.
        found[name] = str(one).lower() if isinstance(one, bool) else str(one)
    return found


def _type(name: str, path: str) -> str:
    if not _TYPE.fullmatch(name):
        raise _wrong(f"{path}.{name}", "may only have letters, digits, dashes and underscores")
    return name


def _line(value: object, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, "must be a text")
    return value.strip()


def _wrong(path: str, why: str) -> ManifestError:
    return ManifestError(f"{FILE}: {path} {why}.")
