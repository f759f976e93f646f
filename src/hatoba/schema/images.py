"""Images as the Platform API tells of them."""

from __future__ import annotations

import msgspec

from hatoba.schema.platform import Named


class ImageProcess(msgspec.Struct, frozen=True):
    """What an image runs as one process type."""

    name: str
    display_cmd: str
    command: str
    working_dir: str
    default: bool = True


class ImageBuildpack(msgspec.Struct, frozen=True):
    """A Cloud Native Buildpack that had a part in an image."""

    id: str
    version: str
    homepage: str


class OciImage(msgspec.Struct, frozen=True):
    """An image in the registry of an app. ``base_…`` are empty: a manifest does not tell them."""

    id: str
    digest: str
    image_repo: str
    architecture: str | None
    process_types: dict[str, ImageProcess]
    stack: Named
    created_at: str
    updated_at: str
    buildpacks: tuple[ImageBuildpack, ...] = ()
    base_image_name: str = ""
    base_top_layer: str = ""
    commit: str = ""
    commit_description: str = ""
    deleted_at: str | None = None
