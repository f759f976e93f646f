"""The registry's images: what is pushed for the process types of apps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.images.files import UPLOAD_SECONDS
from hatoba.model import manifest as manifests
from hatoba.model.app import App
from hatoba.model.image import Image, Pushed, is_digest
from hatoba.model.manifest import Manifest
from hatoba.store import images as rows
from hatoba.store import slugs as slug_rows

# The tag of what `container:release` releases.
LATEST = "latest"
_OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
_OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"


async def find(p: Platform, app: App, name: str, reference: str) -> Pushed:
    """Return an image of a process type by tag or digest. Raises ManifestUnknown."""
    async with p.store.begin() as conn:
        found = await _find(conn, app, name, reference)
    if found is None:
        raise errors.ManifestUnknown(f"{app.name}/{name} has no image {reference}.")
    return found


async def _find(conn: AsyncConnection, app: App, name: str, reference: str) -> Pushed | None:
    search = rows.by_digest if is_digest(reference) else rows.by_tag
    return await search(conn, app.id, name, reference)


async def push(
    p: Platform, app: App, name: str, reference: str, *, data: bytes, content_type: str
) -> Pushed:
    """Take in a manifest whose blobs are here, under a tag or its digest; again is the same.

    Raises ManifestInvalid, ManifestBlobUnknown, DigestInvalid, DiskFull.
    """
    manifest = manifests.read(data, content_type)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    if ":" in reference and reference != digest:
        raise errors.DigestInvalid(f"The manifest is {digest}, not {reference}.")
    await _check_there(p, app, manifest)
    image = await _runs(p, manifest, digest)
    await p.images.put(data)
    values = {
        "type": name,
        "digest": digest,
        "media_type": manifest.media_type,
        "size": len(data),
        "refers_to": manifest.needs | {digest},
        "runs": image,
    }
    async with p.store.begin() as conn:
        await rows.link(conn, app.id, manifest.needs | {digest})
        row = await rows.put(conn, app.id, values)
        if not is_digest(reference):
            await rows.tag(conn, app.id, name, reference, row)
    return await find(p, app, name, digest)


async def _check_there(p: Platform, app: App, manifest: Manifest) -> None:
    async with p.store.begin() as conn:
        linked = await rows.linked(conn, app.id, manifest.needs)
    lost = (manifest.needs - linked) | await p.images.missing(linked)
    if lost:
        raise errors.ManifestBlobUnknown(
            f"The manifest refers to {min(lost)}, which was not pushed to {app.name}."
        )


async def _runs(p: Platform, manifest: Manifest, digest: str) -> Image | None:
    if not manifest.is_image or manifest.config is None:
        return None
    if (p.images.size(manifest.config.digest) or 0) > manifests.MAX_BYTES:
        raise errors.ManifestInvalid("The image's configuration is too large.")
    return manifests.image(manifest, digest, await p.images.read(manifest.config.digest))


async def chosen(p: Platform, app: App, pushed: Pushed, architecture: str) -> Pushed:
    """Return the image of an index that is for a processor, or the image itself.

    Raises InvalidParams when there is none.
    """
    if pushed.media_type not in manifests.INDEXES:
        return pushed
    index = manifests.read(await p.images.read(pushed.digest), pushed.media_type)
    child = index.child_for(architecture)
    if child is None:
        raise errors.InvalidParams(
            f"The image {pushed.digest[:19]} of {pushed.type} has nothing for {architecture}. "
            f"Build it with --platform linux/{architecture}, then push it again."
        )
    return await find(p, app, pushed.type, child)


async def identified(p: Platform, app: App, identity: str) -> list[Pushed]:
    """Return the images of an app with that id, or that digest."""
    async with p.store.begin() as conn:
        return await rows.identified(conn, app.id, identity)


async def tags(p: Platform, app: App, name: str) -> list[str]:
    """Return the tags of a process type by name. Raises NameUnknown when it has no image."""
    async with p.store.begin() as conn:
        found = await rows.tags(conn, app.id, name)
        if not found and name not in await rows.types(conn, app.id):
            raise errors.NameUnknown(f"Nothing was pushed for {name} of {app.name}.")
    return found


async def delete(p: Platform, app: App, name: str, reference: str) -> None:
    """Delete an image by its digest, or a tag. Raises ManifestUnknown."""
    async with p.store.begin() as conn:
        if is_digest(reference):
            found = await rows.by_digest(conn, app.id, name, reference)
            if found is not None:
                await rows.delete(conn, found.id)
                return
        elif await rows.untag(conn, app.id, name, reference):
            return
    raise errors.ManifestUnknown(f"{app.name}/{name} has no image {reference}.")


async def tidy(p: Platform) -> int:
    """Remove the blobs that no image needs that is tagged, run, or can be rolled back to.

    What was pushed or asked for within the day stays: a push may be about to refer to it.
    Return how many went.
    """
    async with p.store.begin() as conn:
        await rows.drop_unused(conn, p.clock.now() - timedelta(seconds=UPLOAD_SECONDS))
    async with p.store.begin() as conn:
        kept = await rows.kept_blobs(conn) | await slug_rows.image_blobs(conn)
    return await p.images.keep_only(kept)


async def take_in(p: Platform, app: App, name: str, config: bytes, layers: Sequence[Path]) -> Image:
    """Take in an image that was built on this machine: its configuration, and tar archives.

    It is as if it had been pushed. Raises DiskFull, ManifestInvalid.
    """
    parts = [{"mediaType": _OCI_CONFIG, "digest": await p.images.put(config), "size": len(config)}]
    for path in layers:
        digest, size = await p.images.take(path)
        parts.append({"mediaType": _OCI_LAYER, "digest": digest, "size": size})
    async with p.store.begin() as conn:
        await rows.link(conn, app.id, {str(part["digest"]) for part in parts})
    described = {"schemaVersion": 2, "mediaType": manifests.OCI}
    data = json.dumps({**described, "config": parts[0], "layers": parts[1:]}).encode()
    pushed = await push(p, app, name, LATEST, data=data, content_type=manifests.OCI)
    if pushed.runs is None:
        raise errors.ManifestInvalid("That is no image.")
    return pushed.runs
