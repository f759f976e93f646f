"""Images as the API shows them."""

from __future__ import annotations

from hatoba.api.encode.basics import moment, named
from hatoba.model.app import CONTAINER, App
from hatoba.model.image import Pushed
from hatoba.schema import images as wire


def image(one: Pushed, owner: App) -> wire.OciImage:
    """Return the image; an index runs nothing itself."""
    at, runs = moment(one.created_at), one.runs
    shown = {one.type: wire.ImageProcess(one.type, runs.shown, runs.shown, "/")} if runs else {}
    return wire.OciImage(
        id=str(one.id),
        digest=one.digest,
        image_repo=f"{owner.name}/{one.type}",
        architecture=runs.architecture if runs else None,
        process_types=shown,
        stack=named("stack", CONTAINER),
        created_at=at,
        updated_at=at,
    )
