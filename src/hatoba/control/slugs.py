"""Slugs: what builds have made."""

from __future__ import annotations

from uuid import UUID

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.model.app import App
from hatoba.model.release import Slug
from hatoba.store import slugs as rows


async def find(p: Platform, app: App, identity: str) -> Slug:
    """Return a slug of the app by id. Raises NotFound."""
    try:
        slug_id = UUID(identity)
    except ValueError:
        slug_id = None
    if slug_id is not None:
        async with p.store.begin() as conn:
            slug = await rows.by_id(conn, slug_id)
        if slug is not None and slug.app_id == app.id:
            return slug
    raise errors.NotFound("Couldn't find that slug.", resource="slug")
