"""How much of the registry an app may take besides what its releases run, and who is told."""

from __future__ import annotations

import os
from pathlib import Path
from time import time

import pytest

from hatoba.images.files import BlobFiles
from tests.contract.api_platform import Api
from tests.contract.pushes import push, upload
from tests.contract.test_image_releases import container_app, release
from tests.images import MACHINE, HandMade, digest, layer

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def processor(api: Api) -> None:
    api.engine.place.runs_images_for = MACHINE


def image() -> HandMade:
    return HandMade([layer({"data": os.urandom(MEGABYTE)})])


def uploads(images: BlobFiles) -> list[Path]:
    return [path for path in (images.folder / "uploads").rglob("*") if path.is_file()]


async def test_what_no_release_runs_is_bounded(api: Api) -> None:
    object.__setattr__(api.platform, "unreleased_bytes", 3 * MEGABYTE)
    name, first, second = await container_app(api), image(), image()
    for made in (first, second):
        await push(api, f"{name}/web", made)
    refused = await upload(api, f"{name}/web", image().layers[0])
    assert (refused.status, refused.json["errors"][0]["code"]) == (403, "DENIED")
    why = f"{name} may have 3.0M of images that no release runs, and this would be more."
    assert why in refused.json["errors"][0]["message"]
    assert uploads(api.platform.images) == []
    told = (await api("GET", f"/hatoba/apps/{name}/registry")).json
    assert (told["released"], told["most_unreleased"]) == (0, 3 * MEGABYTE)
    assert told["unreleased"] > 2 * MEGABYTE
    # Another app has room of its own, and what is here already takes none of it.
    other = await container_app(api)
    await push(api, f"{other}/web", first)
    # What is released makes room for more.
    await release(api, name, {"web": second.id})
    assert (await api("GET", f"/hatoba/apps/{name}/registry")).json["released"] > MEGABYTE
    await push(api, f"{name}/web", image())
    assert (await api("GET", "/hatoba/status")).json["images"] > 3 * MEGABYTE
    # An app that has more than it may by now does not even begin.
    object.__setattr__(api.platform, "unreleased_bytes", MEGABYTE)
    begun = await api("POST", f"/v2/{name}/web/blobs/uploads/")
    assert begun.status == 403


async def test_uploads_that_were_given_up_make_room(api: Api) -> None:
    object.__setattr__(api.platform, "unreleased_bytes", 3 * MEGABYTE)
    name, content = await container_app(api), os.urandom(2 * MEGABYTE)
    begun = (await api("POST", f"/v2/{name}/web/blobs/uploads/")).headers["location"]
    assert (await api("PATCH", begun, raw=content)).status == 202
    other = os.urandom(2 * MEGABYTE)
    assert (await upload(api, f"{name}/web", other)).status == 403
    [left] = uploads(api.platform.images)
    os.utime(left, (time() - 700, time() - 700))
    assert (await upload(api, f"{name}/web", other)).status == 201
    assert uploads(api.platform.images) == []
    assert (await api("PUT", f"{begun}?digest={digest(content)}")).status == 404
