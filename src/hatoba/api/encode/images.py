"""Images as the API shows them."""

from __future__ import annotations

from hatoba.api.encode.basics import moment, named
from hatoba.model.app import CLOUD_NATIVE, CONTAINER, App
from hatoba.model.cloud_native import Built
from hatoba.model.image import Pushed
from hatoba.schema import images as wire


def image(one: Pushed, owner: App, built: Built | None = None) -> wire.OciImage:
    """Return the image, with what it says of its build; an index runs nothing itself."""
    at, runs = moment(one.created_at), one.runs
    lines = built.processes if built else {one.type: runs.shown} if runs else {}
    shown = {name: wire.ImageProcess(name, line, line, "/") for name, line in lines.items()}
    used = built.buildpacks if built else ()
    return wire.OciImage(
        id=str(one.id),
        digest=one.digest,
        image_repo=f"{owner.name}/{one.type}",
        architecture=runs.architecture if runs else None,
        process_types=shown,
        stack=named("stack", CLOUD_NATIVE if built else CONTAINER),
        created_at=at,
        updated_at=at,
        buildpacks=tuple(wire.ImageBuildpack(x.id, x.version, x.homepage) for x in used),
    )
