"""Manifests: how a registry says what an image is made of. Pure.

https://github.com/opencontainers/image-spec/blob/main/manifest.md and, the same by other names,
https://distribution.github.io/distribution/spec/manifest-v2-2/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hatoba import errors
from hatoba.model.image import Image, is_digest

OCI = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
INDEXES = frozenset((OCI_INDEX, DOCKER_LIST))
KINDS = frozenset((OCI, DOCKER, *INDEXES))
_CONFIGS = frozenset(
    (
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    )
)
# Layers that are not pushed: https://github.com/opencontainers/image-spec/blob/main/layer.md
_FOREIGN = ("nondistributable", "foreign")
MAX_BYTES = 4 * 1024 * 1024
MAX_REFERENCES = 10_000
_MOST_BYTES = 2**50


@dataclass(frozen=True)
class Part:
    """What a manifest names: a blob, or in an index another manifest with its processor."""

    digest: str
    size: int
    media_type: str
    architecture: str = ""
    system: str = ""


@dataclass(frozen=True)
class Manifest:
    """A manifest as it was read. ``config`` is None in an index, which has ``children``."""

    media_type: str
    config: Part | None
    layers: tuple[Part, ...]
    children: tuple[Part, ...]

    @property
    def needs(self) -> frozenset[str]:
        """What must be in the registry before it."""
        config = (self.config,) if self.config else ()
        own = [one for one in self.layers if not any(w in one.media_type for w in _FOREIGN)]
        return frozenset(one.digest for one in (*config, *own, *self.children))

    @property
    def size(self) -> int:
        """The bytes of the image, compressed."""
        return sum(one.size for one in {one.digest: one for one in self.layers}.values())

    @property
    def is_image(self) -> bool:
        """Whether it is something to run, and not an index or other content."""
        return self.config is not None and self.config.media_type in _CONFIGS

    def child_for(self, architecture: str) -> str | None:
        """Return the digest of an index's image for a processor."""
        return next(
            (
                one.digest
                for one in self.children
                if one.architecture == architecture and one.system in ("linux", "")
            ),
            None,
        )


def read(data: bytes, content_type: str) -> Manifest:
    """Read a manifest. Raises ManifestInvalid."""
    values = _object(data)
    kind = values.get("mediaType") or content_type.partition(";")[0].strip()
    if values.get("schemaVersion") != 2 or kind not in KINDS:
        raise errors.ManifestInvalid(
            "Manifests of schema 2 are taken: an OCI or Docker image, or an index of them."
        )
    if kind in INDEXES:
        return Manifest(kind, None, (), _parts(values, "manifests"))
    return Manifest(kind, _part(values.get("config")), _parts(values, "layers"), ())


def image(manifest: Manifest, digest: str, config: bytes) -> Image:
    """Return what a release of the image runs, by its configuration. Raises ManifestInvalid."""
    values = _object(config)
    if manifest.config is None:
        raise errors.ManifestInvalid("An index has no configuration.")
    runs = values.get("config") or {}
    layers = tuple(one.digest for one in manifest.layers)
    contents = (values.get("rootfs") or {}).get("diff_ids")
    if not isinstance(contents, list) or len(contents) != len(layers):
        raise errors.ManifestInvalid("The configuration's layers are not those of the manifest.")
    return Image(
        digest=digest,
        id=manifest.config.digest,
        layers=layers,
        size=manifest.size,
        architecture=_text(values.get("architecture", "")),
        entrypoint=_words(runs, "Entrypoint"),
        command=_words(runs, "Cmd"),
    )


def _object(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise errors.ManifestInvalid("That is no JSON.") from error
    if not isinstance(values, dict):
        raise errors.ManifestInvalid("That is no JSON object.")
    return values


def _words(values: Any, name: str) -> tuple[str, ...]:  # noqa: ANN401 whatever was sent
    words = (values.get(name) if isinstance(values, dict) else None) or []
    if isinstance(words, str):
        words = [words]
    if not isinstance(words, list):
        raise errors.ManifestInvalid(f"{name} of the configuration is no list of words.")
    return tuple(_text(word) for word in words)


def _text(value: object) -> str:
    """Return what can be stored and run: no U+0000 and no halves of a character."""
    if not isinstance(value, str) or "\0" in value or (not value.isascii() and _broken(value)):
        raise errors.ManifestInvalid("The configuration has something else where a text must be.")
    return value


def _broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _parts(values: dict[str, Any], name: str) -> tuple[Part, ...]:
    found = values.get(name)
    if not isinstance(found, list) or len(found) > MAX_REFERENCES:
        raise errors.ManifestInvalid(f"{name} of the manifest is no list, or too long a one.")
    return tuple(_part(one) for one in found)


def _part(value: object) -> Part:
    match value:
        case {"digest": str(digest), "size": int(size)} if (
            is_digest(digest) and 0 <= size < _MOST_BYTES
        ):
            more: dict[str, Any] = dict(value)  # type: ignore[call-overload]
            platform = more.get("platform")
            named = platform if isinstance(platform, dict) else {}
            kind = str(more.get("mediaType", ""))
            processor = str(named.get("architecture", ""))
            return Part(digest, size, kind, processor, str(named.get("os", "")))
    raise errors.ManifestInvalid("A part of the manifest has no digest (sha256) and size.")
