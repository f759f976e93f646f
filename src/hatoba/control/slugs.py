"""Slugs: what builds have made, and what was made elsewhere and put here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from hatoba import errors
from hatoba.build.slug import MAX_BYTES
from hatoba.control import sources
from hatoba.control.platform import Platform
from hatoba.kit.text import size as as_text
from hatoba.model import procfile
from hatoba.model.app import STACK, App
from hatoba.model.release import Slug, SlugDraft
from hatoba.store import slug_drafts as draft_rows
from hatoba.store import slugs as rows

# How long a slug that is made elsewhere is waited for.
WAITS = timedelta(days=1)
_CHECKSUM = re.compile(r"SHA256:[0-9a-f]{64}", re.IGNORECASE)


async def find(p: Platform, app: App, identity: str) -> Slug:
    """Return a slug of the app by id. Raises NotFound, and InvalidParams without its archive."""
    found = await look(p, app, identity)
    if isinstance(found, SlugDraft):
        raise errors.InvalidParams(
            f"The archive of slug {found.id} is not here yet. Put it to the URL of its blob first."
        )
    return found


async def look(p: Platform, app: App, identity: str) -> Slug | SlugDraft:
    """Return a slug of the app by id, or one whose archive is awaited. Raises NotFound."""
    try:
        slug_id = UUID(identity)
    except ValueError:
        raise _unknown() from None
    async with p.store.begin() as conn:
        found = await rows.by_id(conn, slug_id) or await draft_rows.by_id(conn, slug_id)
    if found is None or found.app_id != app.id:
        raise _unknown()
    return found


def _unknown() -> errors.NotFound:
    return errors.NotFound("Couldn't find that slug.", resource="slug")


async def draft(p: Platform, made: SlugDraft) -> SlugDraft:
    """Await the archive of a slug that is made elsewhere. Raises InvalidParams."""
    for name, command in made.process_types.items():
        if problem := procfile.problem(name, command):
            raise errors.InvalidParams(f"process_types is invalid: {problem}.")
    if made.stack != STACK:
        raise errors.InvalidParams(
            f"Stack {made.stack} is not here; the stack of this platform is {STACK}."
        )
    if made.checksum is not None and not _CHECKSUM.fullmatch(made.checksum):
        raise errors.InvalidParams("A checksum must be of the form SHA256:HEX.")
    async with p.store.begin() as conn:
        await draft_rows.insert(conn, made)
    return made


def check_size(size: int) -> None:
    """Raise TooLarge for an archive of more bytes than a slug may have."""
    if size > MAX_BYTES:
        raise errors.TooLarge(f"A slug can't exceed {as_text(MAX_BYTES)}.")


async def awaited(p: Platform, slug_id: UUID) -> SlugDraft:
    """Return the slug whose archive is awaited. Raises NotFound, and Conflict if it has one."""
    async with p.store.begin() as conn:
        if found := await draft_rows.by_id(conn, slug_id):
            return found
        there = await rows.by_id(conn, slug_id)
    raise _has_one() if there else _unknown()


def _has_one() -> errors.Conflict:
    return errors.Conflict("This slug has its archive already. Make another slug for another one.")


async def put(p: Platform, slug_id: UUID, archive: Path) -> Slug:
    """Make the slug that was awaited of its archive.

    Raises InvalidParams for an archive that is none or of another checksum, TooLarge, DiskFull,
    and NotFound or Conflict when it is not awaited any more. It can be put again after an error.
    """
    wanted = await awaited(p, slug_id)
    await sources.check(archive, wanted.checksum)
    taken = await p.builder.take(archive)
    async with p.store.begin() as conn:
        if await draft_rows.by_id(conn, slug_id, lock=True) is None:
            raise _has_one()
        await draft_rows.delete(conn, slug_id)
        await rows.insert(conn, {**_kept(wanted), "checksum": taken.checksum, "size": taken.size})
        made = await rows.by_id(conn, slug_id)
    if made is None:
        raise _unknown()
    return made


def _kept(one: SlugDraft) -> dict[str, object]:
    return {
        "id": one.id,
        "app_id": one.app_id,
        "process_types": one.process_types,
        "stack": one.stack,
        "buildpack_description": one.buildpack_description,
        "commit": one.commit,
        "commit_description": one.commit_description,
    }


def archive(p: Platform, checksum: str) -> Iterator[bytes]:
    """Yield a slug's archive as Heroku has it; iterate in a thread. Raises NotFound."""
    if not p.builder.slug(checksum).is_file():
        raise errors.NotFound("That archive is not there, or not any more.", resource="blob")
    return p.builder.give(checksum)
