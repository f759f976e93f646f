"""Apps, formations, dynos and sizes as the API shows them."""

from __future__ import annotations

from datetime import datetime

from hatoba.api.encode.basics import app_named, fixed_id, maybe, moment, named
from hatoba.control.place import Place
from hatoba.model import app as app_model
from hatoba.model import dyno as dyno_model
from hatoba.model import formation as formation_model
from hatoba.model.image import Image
from hatoba.schema import platform as wire

# https://devcenter.heroku.com/articles/generations: fir is the one of the stack cnb.
GENERATION = named("generation", "cedar")
CLOUD_NATIVE_GENERATION = named("generation", "fir")
# A Standard-1X stands for one unit; https://devcenter.heroku.com/articles/dyno-types
_DEDICATED = 12


def app(one: app_model.App, place: Place) -> wire.App:
    """Return the app."""
    return wire.App(
        id=str(one.id),
        name=one.name,
        owner=wire.User(str(one.owner_id), one.owner_email),
        region=named("region", one.region),
        stack=named("stack", one.stack),
        build_stack=named("stack", one.stack),
        generation=generation(one),
        maintenance=one.maintenance,
        git_url=place.git_url(one.name),
        web_url=place.web_url(one.name),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
        released_at=maybe(one.released_at),
        archived_at=None,
        buildpack_provided_description=one.buildpack_description,
        repo_size=one.repo_size,
        slug_size=one.slug_size,
        acm=one.acm,
        team=wire.Named(str(one.owner_id), one.team) if one.team else None,
    )


def generation(one: app_model.App) -> wire.Named:
    """Return the generation of Heroku's platform that an app is like."""
    return CLOUD_NATIVE_GENERATION if one.stack == app_model.CLOUD_NATIVE else GENERATION


def formation(one: formation_model.Formation, owner: app_model.App) -> wire.Formation:
    """Return the process type."""
    return wire.Formation(
        id=str(one.id),
        app=app_named(owner),
        type=one.type,
        command=one.command,
        quantity=one.quantity,
        size=one.size,
        dyno_size=named("dyno-size", one.size),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def container_formation(
    one: formation_model.Formation, owner: app_model.App, image: Image | None
) -> wire.ContainerFormation:
    """Return the process type with the image that it runs."""
    shown = formation(one, owner)
    values = {name: getattr(shown, name) for name in shown.__struct_fields__}
    return wire.ContainerFormation(**values, docker_image=image.id if image else None)


def dyno(one: dyno_model.Dyno, owner: app_model.App, *, attach_url: str | None = None) -> wire.Dyno:
    """Return the dyno; where to attach to it is told only to the one who started it."""
    return wire.Dyno(
        id=str(one.id),
        name=one.name,
        type=one.type,
        size=one.size,
        state=one.state.public,
        command=one.command,
        app=app_named(owner),
        release=wire.Numbered(str(one.release_id), one.release_version),
        created_at=moment(one.created_at),
        updated_at=moment(one.since),
        attach_url=attach_url,
    )


def dyno_size(one: dyno_model.DynoSize) -> wire.DynoSize:
    """Return the dyno size; here it costs nothing."""
    return wire.DynoSize(
        id=fixed_id("dyno-size", one.name),
        name=one.name,
        memory=one.memory / 1024,
        compute=one.share,
        dedicated=one.share >= _DEDICATED,
        cost=None,
        architecture="amd64",
        generation=GENERATION,
        precise_dyno_units=float(one.share),
        private_space_only=False,
    )


def stack(name: str, since: datetime) -> wire.Stack:
    """Return the stack."""
    at = moment(since)
    return wire.Stack(fixed_id("stack", name), name, "public", True, at, at)


def region(name: str, since: datetime) -> wire.Region:
    """Return the region, which is where this platform runs.

    The provider's region is the one that Heroku gives for the same name.
    """
    at = moment(since)
    return wire.Region(
        id=fixed_id("region", name),
        name=name,
        country="Here",
        description="This platform",
        locale="Here",
        private_capable=False,
        provider={"name": "hatoba", "region": "us-east-1"},
        created_at=at,
        updated_at=at,
    )
