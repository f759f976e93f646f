"""Releases of images: which image each process type of a container app runs."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import images, releases
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model import image as rules
from hatoba.model.app import CONTAINER, App
from hatoba.model.image import Image
from hatoba.model.release import Release
from hatoba.store import formations as formation_rows
from hatoba.store import images as image_rows
from hatoba.store import releases as release_rows
from hatoba.store import slugs as slug_rows


def check_engine(p: Platform) -> str:
    """Return the processor that images must be for. Raises InvalidParams where none runs."""
    architecture = p.engine.runs_images_for
    if architecture is None:
        raise errors.InvalidParams(
            "This platform runs dynos as processes, not images. "
            "Start it on Docker for that: hatoba up --engine swarm"
        )
    return architecture


async def create(
    p: Platform, actor: Actor, app: App, wanted: Mapping[str, str | None]
) -> Release | None:
    """Release images by process type, each by its id or digest; None takes the type away.

    What the other process types run stays. Without a change there is no release: None. Raises
    InvalidParams for an image that is not here, is for another processor or has no command.
    """
    found = await _found(p, app, wanted)
    async with p.store.begin() as conn:
        now = await locked(conn, actor, app)
        before = await _running(conn, app)
        after = {name: one for name, one in {**before, **found}.items() if one is not None}
        if before == after:
            return None
        if now.config_id is None:
            raise errors.NotFound("Couldn't find that app.", resource="app")
        text = describe(found)
        slug_id = await slug_rows.insert(conn, slug(app, after)) if after else None
        draft = releases.Draft(text, slug_id=slug_id, config_id=now.config_id)
        release = await releases.append(p, conn, actor, app.id, draft)
        if not after:
            await formation_rows.keep_only(conn, app.id, ())
    releases.announce(p, actor, release)
    return release


def slug(app: App, after: Mapping[str, Image], *, commit: str | None = None) -> dict[str, object]:
    """Return the slug that runs those images, to be inserted."""
    return {
        "app_id": app.id,
        "checksum": rules.checksum(after),
        "size": rules.total_size(after),
        "process_types": {name: one.shown for name, one in sorted(after.items())},
        "stack": CONTAINER,
        "buildpack_description": None,
        "commit": commit,
        "images": dict(after),
    }


def check(name: str, one: Image, architecture: str) -> None:
    """Raise InvalidParams for an image that can't run here."""
    if one.architecture != architecture:
        raise errors.InvalidParams(
            f"The image {one.id[:19]} of {name} is for {one.architecture or 'no processor'}, and "
            f"this platform runs {architecture}. Build it with --platform linux/{architecture}, "
            "then push it again."
        )
    if not one.argv:
        raise errors.InvalidParams(
            f"The image {one.id[:19]} of {name} has no command: give its Dockerfile a CMD or an "
            "ENTRYPOINT, then push it again."
        )


def describe(found: Mapping[str, Image | None]) -> str:
    """Return the release's description, as Heroku words it."""
    new = [f"{name} ({one.id.removeprefix('sha256:')[:12]})" for name, one in found.items() if one]
    gone = [name for name, one in found.items() if one is None]
    parts = [f"Deployed {', '.join(new)}"] if new else []
    return "; ".join([*parts, *([f"Removed {', '.join(gone)}"] if gone else [])])


async def _found(
    p: Platform, app: App, wanted: Mapping[str, str | None]
) -> dict[str, Image | None]:
    architecture = check_engine(p)
    if app.stack != CONTAINER:
        raise errors.InvalidParams(
            f"{app.name} is on the stack {app.stack}. "
            f"For images run: heroku stack:set container -a {app.name}"
        )
    found: dict[str, Image | None] = {}
    for name, identity in wanted.items():
        found[name] = await _image(p, app, name, identity, architecture) if identity else None
    return found


async def _image(p: Platform, app: App, name: str, identity: str, architecture: str) -> Image:
    pushed = None
    if rules.is_digest(identity):
        async with p.store.begin() as conn:
            pushed = await image_rows.by_image_id(conn, app.id, name, identity)
    if pushed is None:
        raise errors.InvalidParams(
            f"There is no image {identity[:19]} for {name} in the registry. "
            f"Push it first: heroku container:push {name} -a {app.name}"
        )
    one = (await images.chosen(p, app, pushed, architecture)).runs
    if one is None:
        raise errors.InvalidParams(f"{identity[:19]} of {name} is not an image that can be run.")
    check(name, one, architecture)
    if lost := await p.images.missing(one.blobs):
        raise errors.InvalidParams(f"The image of {name} lacks {min(lost)[:19]}. Push it again.")
    return one


async def _running(conn: AsyncConnection, app: App) -> dict[str, Image]:
    release = await release_rows.current(conn, app.id)
    found = await slug_rows.by_id(conn, release.slug_id) if release and release.slug_id else None
    return dict(found.images) if found else {}


async def listed(p: Platform, app: App) -> dict[str, Image]:
    """Return the images that the app's current release runs, by process type."""
    async with p.store.begin() as conn:
        return await _running(conn, app)
