"""From a noted dyno to what the engine is told to start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from uuid import UUID

from hatoba import errors
from hatoba.control import config
from hatoba.control.platform import Platform
from hatoba.engines.base import DynoSpec, ImageFiles, Terminal
from hatoba.model.app import App
from hatoba.model.dyno import SIZES, Dyno, DynoKind
from hatoba.model.feature import FeatureName
from hatoba.model.image import Image, usual
from hatoba.model.one_off import typed
from hatoba.model.release import Release, Slug, deploy_description
from hatoba.store import apps as app_rows
from hatoba.store import features as feature_rows
from hatoba.store import reach
from hatoba.store import releases as release_rows
from hatoba.store import slugs as slug_rows

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


async def spec(
    p: Platform,
    dyno: Dyno,
    *,
    extra: Mapping[str, str] | None = None,
    attach: bool = False,
    terminal: Terminal | None = None,
    lifetime: float | None = None,
) -> DynoSpec:
    """Return what the engine needs to start the dyno: slug, config vars, quota."""
    async with p.store.begin() as conn:
        app = await app_rows.by_id(conn, dyno.app_id)
        release = await release_rows.by_id(conn, dyno.release_id)
        slug_id: UUID | None = release.slug_id if release else None
        slug = await slug_rows.by_id(conn, slug_id) if slug_id else None
        features = await feature_rows.enabled(conn, dyno.app_id)
        reaches = await reach.ports(conn, dyno.app_id)
    if app is None or release is None:
        raise errors.NotFound("Couldn't find the app or the release of that dyno.")
    told = {}
    if FeatureName.DYNO_METADATA in features:
        told = metadata(app, dyno, release, slug, host=p.place.host(app.name))
    env = {**told, **await config.of_release(p, release), **(extra or {})}
    image = _image(dyno, slug) if slug and slug.images else None
    return DynoSpec(
        id=dyno.id,
        app_id=dyno.app_id,
        name=dyno.name,
        user=app.number,
        slug=p.builder.slug(slug.checksum) if slug and not image else None,
        image=files(p, image) if image else None,
        command=image.argv if image else dyno.command,
        env=env,
        memory=SIZES[dyno.size.lower()].memory_bytes,
        listens=dyno.kind is DynoKind.PROCESS and dyno.type == "web",
        attach=attach,
        terminal=terminal,
        lifetime=lifetime,
        reaches=reaches,
    )


def _image(dyno: Dyno, slug: Slug) -> Image:
    """Return the image of a dyno, with the command that it is to run."""
    image = usual(slug.images, dyno.type)
    own = slug.process_types.get(dyno.type)
    if dyno.type in slug.images and dyno.command == own:
        return image
    command, report = typed(dyno.command)
    image = slug.images.get(command.strip(), image.running(command))
    return image.reporting(report) if report else image


def files(p: Platform, image: Image) -> ImageFiles:
    """Return where the parts of an image lie."""
    layers = tuple(p.images.path(digest) for digest in image.layers)
    return ImageFiles(image.id, p.images.path(image.id), layers, image.group)


def metadata(
    app: App, dyno: Dyno, release: Release, slug: Slug | None, *, host: str
) -> dict[str, str]:
    """Return what a dyno is told about itself; a config var of the same name takes its place.

    https://devcenter.heroku.com/articles/dyno-metadata
    """
    commit = slug.commit if slug else None
    told = slug.commit_description if slug else None
    description = told or (deploy_description(commit) if commit else release.description)
    return {
        "HEROKU_APP_ID": str(app.id),
        "HEROKU_APP_NAME": app.name,
        "HEROKU_APP_DEFAULT_DOMAIN_NAME": host,
        "HEROKU_DYNO_ID": str(dyno.id),
        "HEROKU_RELEASE_CREATED_AT": release.created_at.astimezone(UTC).strftime(_MOMENT),
        "HEROKU_RELEASE_VERSION": f"v{release.version}",
        "HEROKU_BUILD_COMMIT": commit or "",
        "HEROKU_BUILD_DESCRIPTION": description,
        "HEROKU_SLUG_COMMIT": commit or "",
        "HEROKU_SLUG_DESCRIPTION": description,
    }
