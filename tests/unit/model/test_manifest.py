from __future__ import annotations

import json
from typing import Any

import pytest

from hatoba import errors
from hatoba.model import manifest as manifests
from tests.images import DOCKER, OCI, HandMade, digest, layer

IMAGE = HandMade([layer({"a": b"1"}), layer({"a": b"2"})], {"Cmd": "serve", "Entrypoint": None})


@pytest.mark.parametrize("kind", [OCI, DOCKER])
def test_a_manifest_names_what_it_needs(kind: str) -> None:
    image = HandMade(IMAGE.layers, IMAGE.runs, media_type=kind)
    found = manifests.read(image.manifest, kind)
    assert found.needs == frozenset(image.blobs)
    assert found.size == sum(map(len, image.layers))
    runs = manifests.image(found, image.digest, image.config)
    assert (runs.digest, runs.id) == (image.digest, image.id)
    assert runs.layers == tuple(map(digest, image.layers))
    assert (runs.entrypoint, runs.command) == ((), ("serve",))


def changed(**more: Any) -> bytes:
    return json.dumps({**json.loads(IMAGE.manifest), **more}).encode()


def test_the_type_may_be_told_beside_it() -> None:
    values = json.loads(IMAGE.manifest)
    del values["mediaType"]
    raw = json.dumps(values).encode()
    assert manifests.read(raw, f"{OCI}; charset=utf-8").media_type == OCI
    with pytest.raises(errors.ManifestInvalid):
        manifests.read(raw, "application/json")


def test_layers_that_are_never_pushed_are_not_needed() -> None:
    foreign = {
        "mediaType": "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest": "sha256:" + "0" * 64,
        "size": 1,
    }
    assert foreign["digest"] not in manifests.read(changed(layers=[foreign]), OCI).needs


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff",
        b"null",
        changed(schemaVersion=1),
        changed(config={"digest": "sha256:0", "size": 1}),
        changed(config={"digest": "sha256:" + "0" * 64, "size": -1}),
        changed(layers={}),
        changed(layers=[None]),
        changed(mediaType="text/plain"),
    ],
)
def test_what_is_no_manifest_is_refused(raw: bytes) -> None:
    with pytest.raises(errors.ManifestInvalid):
        manifests.read(raw, OCI)


@pytest.mark.parametrize(
    "config",
    [
        {"rootfs": {"diff_ids": ["sha256:1"]}},
        {"rootfs": None},
        {"rootfs": {"diff_ids": ["1", "2"]}, "config": {"Cmd": [1]}},
    ],
)
def test_a_configuration_of_another_image_is_refused(config: dict[str, Any]) -> None:
    found = manifests.read(IMAGE.manifest, OCI)
    with pytest.raises(errors.ManifestInvalid):
        manifests.image(found, IMAGE.digest, json.dumps(config).encode())
