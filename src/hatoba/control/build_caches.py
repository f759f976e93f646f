"""What builds of an app keep between them, whoever built it."""

from __future__ import annotations

from uuid import UUID

from hatoba.control.platform import Platform


async def drop(p: Platform, app_id: UUID) -> None:
    """Delete it."""
    await p.builder.drop_cache(app_id)
    runner = p.engine.image_runner
    if runner is not None:
        await runner.drop_cache(app_id)
