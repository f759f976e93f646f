"""Images made by Cloud Native Buildpacks, as the registry has them."""

from __future__ import annotations

import contextlib
import json

from hatoba import errors
from hatoba.control import images
from hatoba.control.platform import Platform
from hatoba.model import cloud_native as rules
from hatoba.model.app import App
from hatoba.model.cloud_native import Built
from hatoba.model.image import Image, Pushed


async def described(p: Platform, image: Image) -> Built:
    """Return what an image says of its build. Raises LabelError, NotFound."""
    said = json.loads(await p.images.read(image.id))
    runs = said.get("config")
    labels = runs.get("Labels") if isinstance(runs, dict) else None
    return rules.built(labels if isinstance(labels, dict) else {})


async def told(p: Platform, pushed: Pushed) -> Built | None:
    """Return the same of an image of the registry; None of one that tells nothing."""
    if pushed.type != rules.IMAGE or pushed.runs is None:
        return None
    with contextlib.suppress(rules.LabelError, errors.NotFound):
        return await described(p, pushed.runs)
    return None


async def has_run_image(p: Platform, app: App, image_id: str) -> bool:
    """Tell whether an app's builds find that run image in the registry."""
    try:
        there = await images.find(p, app, rules.RUN_IMAGE, images.LATEST)
    except errors.ManifestUnknown:
        return False
    runs = there.runs
    return runs is not None and runs.id == image_id and not await p.images.missing(runs.blobs)
