"""An app that is made from a heroku.yml: its add-ons and config vars."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations.addons_create import CreateAddon, Order
from hatoba.operations.base import Operation
from hatoba.operations.config import SetConfig
from hatoba.schema import heroku_yml
from hatoba.schema.heroku_yml import Manifest, ManifestError


def read(folder: Path) -> Manifest:
    """Return what the folder's heroku.yml says. Raises UsageError."""
    path = folder / heroku_yml.FILE
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read: {error}.") from error
    try:
        return heroku_yml.parse(text)
    except ManifestError as error:
        raise UsageError(str(error)) from error


def steps(api: Api, app: str, manifest: Manifest) -> Iterator[Operation]:
    """Give what is to be done to the new app, in order: each one operation."""
    for wish in manifest.addons:
        yield CreateAddon(api, app, Order(wish.plan, alias=wish.attachment))
    if manifest.config:
        yield SetConfig(api, app, manifest.config)
