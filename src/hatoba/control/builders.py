"""Builders of Cloud Native Buildpacks: which one an app is built by, and with which buildpacks."""

from __future__ import annotations

from collections.abc import Sequence

from hatoba import errors
from hatoba.control import image_releases
from hatoba.control.platform import Platform
from hatoba.engines.images import ImageFacts, ImageRunner
from hatoba.kit.text import listing
from hatoba.model import cloud_native as rules
from hatoba.model.cloud_native import Builder, Buildpack
from hatoba.schema import project_toml
from hatoba.schema.project_toml import FILE, DescriptorError, Wanted

_NONE = (
    "This platform has no builder of Cloud Native Buildpacks. Its operator names one that Docker "
    "has: hatoba up --engine swarm --cnb-builder heroku/builder:24"
)


def check(p: Platform) -> None:
    """Raise InvalidParams where apps can't be on the stack cnb."""
    image_releases.check_engine(p)
    if not p.builders:
        raise errors.InvalidParams(_NONE)


def offered(p: Platform) -> bool:
    """Tell whether apps can be on the stack cnb."""
    return p.engine.runs_images_for is not None and bool(p.builders)


def chosen(p: Platform, wanted: str | None) -> str:
    """Return the builder for an app that wants one by name, or takes the usual one.

    An app can't name any image: among those of Docker are other apps'. Raises BuildFailed.
    """
    if not p.builders:
        raise errors.BuildFailed(_NONE)
    if wanted is not None and wanted not in p.builders:
        raise errors.BuildFailed(
            f"{FILE} asks for the builder {wanted}; here there is {listing(p.builders)}. "
            f"The platform's operator can allow it: hatoba up --cnb-builder {wanted}"
        )
    return wanted or p.builders[0]


async def found(runner: ImageRunner, name: str) -> Builder:
    """Return what a builder says of itself. Raises BuildFailed when it is none, or not there."""
    facts = await _there(runner, name, f"The builder {name}")
    try:
        return rules.builder(facts.labels, facts.env)
    except rules.LabelError as error:
        raise errors.BuildFailed(f"The image {name} is no builder: it {error}.") from error


async def run_image(runner: ImageRunner, name: str, builder: Builder) -> tuple[str, ImageFacts]:
    """Return the image that a builder's images lie on. Raises BuildFailed without one."""
    for candidate in builder.run_images:
        facts = await runner.facts(candidate)
        if facts is not None:
            return candidate, facts
    first = builder.run_images[0]
    return first, await _there(runner, first, f"The run image {first} of the builder {name}")


async def _there(runner: ImageRunner, name: str, what: str) -> ImageFacts:
    facts = await runner.facts(name)
    if facts is None:
        raise errors.BuildFailed(
            f"{what} is not in the platform's Docker. Its operator gets it: docker pull {name}"
        )
    return facts


def order(
    name: str, builder: Builder, own: Sequence[str], wanted: Sequence[Wanted]
) -> tuple[Buildpack, ...]:
    """Return the buildpacks to use: the app's ``own``, or those of its project.toml.

    None means that the builder finds them. Raises BuildFailed for one that it does not have.
    """
    try:
        asked = [project_toml.named(address) for address in own] or wanted
    except DescriptorError as error:
        raise errors.BuildFailed(str(error)) from error
    return tuple(_buildpack(name, builder, one) for one in asked)


def _buildpack(name: str, builder: Builder, wanted: Wanted) -> Buildpack:
    fit = [
        one
        for one in builder.buildpacks
        if one.id == wanted.id and wanted.version in ("", one.version)
    ]
    if not fit:
        version = f" {wanted.version}" if wanted.version else ""
        raise errors.BuildFailed(
            f"The builder {name} has no buildpack {wanted.id}{version}; it has "
            f"{listing(sorted({one.id for one in builder.buildpacks})) or 'none'}."
        )
    return max(fit, key=lambda one: _numbers(one.version))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))
