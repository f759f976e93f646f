"""How much of the registry an app takes, and how much it may: what no release runs is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.kit.text import size
from hatoba.model.app import App
from hatoba.store import images as rows
from hatoba.store import slugs as slug_rows


@dataclass(frozen=True)
class Room:
    """Bytes of an app's blobs that its releases run, of all others, and how many those may be."""

    released: int
    unreleased: int
    most: int

    @property
    def left(self) -> int:
        """How much may still come."""
        return max(self.most - self.unreleased, 0)


async def of(p: Platform, app: App) -> Room:
    """Measure what an app has in the registry."""
    async with p.store.begin() as conn:
        linked = await rows.all_linked(conn, app.id)
        released = await slug_rows.image_blobs(conn, app.id)
    run = await asyncio.to_thread(_total, p, linked & released)
    other = await asyncio.to_thread(_total, p, linked - released)
    return Room(run, other, p.unreleased_bytes)


def _total(p: Platform, digests: Iterable[str]) -> int:
    return sum(p.images.size(digest) or 0 for digest in digests)


def full(app: App, most: int) -> errors.RegistryFull:
    """Return the refusal of what would be too much."""
    return errors.RegistryFull(
        f"{app.name} may have {size(most)} of images that no release runs, and this would be "
        "more. Release what is to run, or delete tags that nobody needs: what nothing names goes "
        "a day later."
    )
