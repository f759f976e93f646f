"""project.toml: how an app is to be built by Cloud Native Buildpacks. Pure.

https://github.com/buildpacks/spec/blob/main/extensions/project-descriptor.md
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

FILE = "project.toml"
# It is written by hand; what is longer is something else.
MAX_BYTES = 256 * 1024
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# How a buildpack of the builder is named by an address.
_OF_BUILDER = ("urn:cnb:builder:", "from=builder:")
Table = Mapping[str, object]


class DescriptorError(ValueError):
    """The file can't be used; its text says why, in one line."""


@dataclass(frozen=True)
class Wanted:
    """A buildpack of the builder; without a version its latest."""

    id: str
    version: str = ""


@dataclass(frozen=True)
class Descriptor:
    """What a project.toml says; ``include`` and ``exclude`` are patterns as in a .gitignore."""

    builder: str | None = None
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    buildpacks: tuple[Wanted, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


def parse(text: str) -> Descriptor:
    """Return what a project.toml says, in its present form or its first. Raises DescriptorError."""
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DescriptorError(f"{FILE} is not TOML: {error}.") from error
    first = _table(said, "build", "build")
    own = _table(_table(said, "io", "io"), "buildpacks", "io.buildpacks")
    path, where = ("io.buildpacks", own) if own or not first else ("build", first)
    if "include" in where and "exclude" in where:
        raise DescriptorError(f"{FILE}: {path} has both include and exclude.")
    return Descriptor(
        builder=_builder(where, path),
        include=_texts(where, "include", path) if "include" in where else None,
        exclude=_texts(where, "exclude", path),
        buildpacks=_buildpacks(where, "group" if path == "io.buildpacks" else "buildpacks", path),
        env=_env(where, path),
    )


def _table(said: Table, name: str, path: str) -> Table:
    value = said.get(name, {})
    if not isinstance(value, dict):
        raise DescriptorError(f"{FILE}: {path} must be a table.")
    return value


def _tables(said: Table, name: str, path: str) -> list[Table]:
    value = said.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise DescriptorError(f"{FILE}: {path}.{name} must be a list of tables.")
    return value


def _builder(where: Table, path: str) -> str | None:
    value = where.get("builder")
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise DescriptorError(f"{FILE}: {path}.builder must name an image.")
    return value


def _texts(where: Table, name: str, path: str) -> tuple[str, ...]:
    value = where.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise DescriptorError(f"{FILE}: {path}.{name} must be a list of texts.")
    return tuple(value)


def _buildpacks(where: Table, name: str, path: str) -> tuple[Wanted, ...]:
    return tuple(_wanted(one, f"{path}.{name}") for one in _tables(where, name, path))


def _wanted(one: Table, path: str) -> Wanted:
    identity, version, address = (one.get(name, "") for name in ("id", "version", "uri"))
    if not all(isinstance(value, str) for value in (identity, version, address)):
        raise DescriptorError(f"{FILE}: {path} has something else than texts.")
    if address:
        return named(str(address))
    if not identity:
        raise DescriptorError(f"{FILE}: {path} names a buildpack by neither id nor uri.")
    return Wanted(str(identity), str(version))


def named(address: str) -> Wanted:
    """Return the buildpack of the builder that an address means. Raises DescriptorError."""
    for prefix in (*_OF_BUILDER, "urn:buildpack:"):
        if address.startswith(prefix):
            identity, _, version = address.removeprefix(prefix).partition("@")
            return Wanted(identity, version)
    if "://" in address or address.startswith((".", "/", "docker:")):
        raise DescriptorError(
            f"The buildpack {address} is not one of the builder, and from elsewhere none is taken."
        )
    identity, _, version = address.partition("@")
    return Wanted(identity, version)


def _env(where: Table, path: str) -> dict[str, str]:
    build = _table(where, "build", f"{path}.build") if path == "io.buildpacks" else where
    newer = _table(where, "env", f"{path}.env") if path == "io.buildpacks" else {}
    found = [*_tables(build, "env", f"{path}.build"), *_tables(newer, "build", f"{path}.env")]
    env: dict[str, str] = {}
    for one in found:
        name, value = one.get("name"), one.get("value", "")
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            raise DescriptorError(f"{FILE}: a variable of the build has no name that can be one.")
        if not isinstance(value, str):
            raise DescriptorError(f"{FILE}: the variable {name} of the build must be a text.")
        env[name] = value
    return env
