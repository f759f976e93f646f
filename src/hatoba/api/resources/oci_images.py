"""Images in the registry of an app."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, OnApp, Reply
from hatoba.api.encode import images as encode
from hatoba.control import cloud_native_images, images
from hatoba.model.image import Pushed
from hatoba.schema.images import OciImage


class Create(msgspec.Struct):
    """``POST /apps/{app}/oci-images``: an image that was pushed, by its digest."""

    digest: str


async def info(call: OnApp) -> Answer:
    """Tell about an image, by id or digest: a list of those that it may be."""
    found = await images.identified(call.platform, call.app, call.path("image"))
    if not found:
        raise errors.NotFound("Couldn't find that OCI image.", resource="oci_image")
    return Reply([await _shown(call, one) for one in found])


async def _shown(call: OnApp, one: Pushed) -> OciImage:
    built = await cloud_native_images.told(call.platform, one)
    return encode.image(one, call.app, built)


async def create(call: OnApp) -> Answer:
    """Name an image of this registry; its content comes by a push and in no other way."""
    digest = decode.body(call, Create).digest
    found = await images.identified(call.platform, call.app, digest)
    if not found:
        raise errors.InvalidParams(
            f"There is no image {digest[:19]} in the registry of {call.app.name}. "
            f"Push it first: heroku container:push web -a {call.app.name}"
        )
    return Reply(await _shown(call, found[0]), 201)
