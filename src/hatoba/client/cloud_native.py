"""Calls about apps that Cloud Native Buildpacks build."""

from __future__ import annotations

from hatoba.client import apps, releases
from hatoba.client.api import Api
from hatoba.schema.images import OciImage

STACK = "cnb"


def launched(api: Api, app: str, line: str) -> str:
    """Return the command line to send: the launcher sets what buildpacks have set for it."""
    return f"launcher {line}" if apps.find(api, app).stack.name == STACK else line


def buildpacks(api: Api, app: str) -> list[str] | None:
    """Return what the latest release was built by; None of an app with buildpacks of its own."""
    if apps.find(api, app).stack.name != STACK:
        return None
    image = next((one.oci_image for one in releases.latest(api, app, 1)), None)
    if image is None:
        return []
    found = api.get(f"/apps/{app}/oci-images/{image.id}", list[OciImage])
    return [one.id for one in found[0].buildpacks]
