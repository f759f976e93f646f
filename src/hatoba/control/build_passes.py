"""Passes: what lets the container of one build in to the registry, for its own app, while it runs.

A builder is somebody else's program: it gets no account's token.
"""

from __future__ import annotations

import base64
import json
from uuid import UUID

from hatoba.control import builds
from hatoba.control.platform import Platform
from hatoba.model.release import Build, Status

# The user in whose name a build asks; an account's name has an @.
USER = "build"
_PURPOSE = "registry pass of a build"


def registry(p: Platform) -> str:
    """Return the registry as a build's container knows it: by its own loopback."""
    return f"localhost:{p.place.port}"


def authorization(p: Platform, build: Build) -> str:
    """Return what a lifecycle takes as ``CNB_REGISTRY_AUTH``."""
    password = f"{build.id}.{p.vault.sign(_PURPOSE, str(build.id))}"
    basic = base64.b64encode(f"{USER}:{password}".encode()).decode()
    return json.dumps({registry(p): f"Basic {basic}"})


async def bearer(p: Platform, user: str, password: str) -> Build | None:
    """Return the build whose pass that is, while it is carried out."""
    identity, _, signature = password.partition(".")
    if user != USER or not p.vault.verify(_PURPOSE, identity, signature):
        return None
    build = await builds.by_id(p, UUID(identity))
    return build if build and build.status is Status.PENDING else None
