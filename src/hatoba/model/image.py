"""Images: what a process type of a container app runs. Pure.

https://github.com/opencontainers/image-spec
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

# What a one-off dyno's image is taken from, unless its command says otherwise.
_USUAL_TYPE = "web"
_SHELL = ("/bin/sh", "-c")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Image:
    """A pushed image as a release runs it; whatever becomes of its tags, it stays the same.

    ``digest`` names its manifest, ``id`` its configuration (what Docker calls the image's id),
    ``layers`` their compressed content from the lowest; all are blobs of the registry. ``size``
    is bytes compressed. ``group`` is a group of users whose files its processes may change, by
    number.
    """

    digest: str
    id: str
    layers: tuple[str, ...]
    size: int
    architecture: str
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    group: int | None = None

    @property
    def blobs(self) -> frozenset[str]:
        """Everything of the registry that it takes to run it, and to give it out again."""
        return frozenset((self.digest, self.id, *self.layers))

    @property
    def argv(self) -> tuple[str, ...]:
        """The command line of its process, without a shell unless the image asks for one.

        As on Heroku a command without an entrypoint may name config vars as ``$PORT``.
        """
        if not self.entrypoint and any("$" in word for word in self.command):
            return self.command if self.command[:2] == _SHELL else self.running(self.shown).argv
        return (*self.entrypoint, *self.command)

    @property
    def shown(self) -> str:
        """The command as people read it."""
        words = (*self.entrypoint, *self.command)
        if words[:2] == _SHELL and len(words) == 3:
            return words[2]
        return " ".join(word if "$" in word else shlex.quote(word) for word in words)

    def running(self, line: str) -> Image:
        """Return the image with another command: for its entrypoint, or else for its shell."""
        words = tuple(_words(line)) if self.entrypoint else (*_SHELL, line)
        return replace(self, command=words)

    def reporting(self, report: str) -> Image:
        """Return the image with a line of shell after its command, which tells of its end."""
        return replace(self, entrypoint=(*_SHELL, f'"$@"; {report}', "sh"), command=self.argv)


@dataclass(frozen=True)
class Pushed:
    """A manifest in the registry, of a process type of an app.

    ``refers_to`` are the digests of all that it needs there, itself among them. ``runs`` is what
    a release of it runs; None for an index, which only names images by processor.
    """

    id: UUID
    app_id: UUID
    type: str
    digest: str
    media_type: str
    size: int
    refers_to: frozenset[str]
    runs: Image | None
    created_at: datetime


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return [line]


def is_digest(text: str) -> bool:
    """Tell whether a text is a digest of the kind that the registry knows: sha256."""
    return _DIGEST.fullmatch(text) is not None


def checksum(images: Mapping[str, Image]) -> str:
    """Return what is the same for releases that run the same images the same way."""
    described = [f"{name} {one.digest} {one.argv}" for name, one in sorted(images.items())]
    return hashlib.sha256("\n".join(described).encode()).hexdigest()


def total_size(images: Mapping[str, Image]) -> int:
    """Return the bytes of all images, compressed; one that several types run counts once."""
    return sum({one.digest: one.size for one in images.values()}.values())


def usual(images: Mapping[str, Image], name: str) -> Image:
    """Return the image for a dyno of that type, or for a one-off dyno: that of web, if any."""
    found = images.get(name) or images.get(_USUAL_TYPE)
    return found or images[min(images)]


def plain(one: Image) -> dict[str, Any]:
    """Return the image as JSON can hold it."""
    return asdict(one)


def read(values: Mapping[str, Any]) -> Image:
    """Return the image that was made ``plain``."""
    lists = ("layers", "entrypoint", "command")
    return Image(**{**values, **{name: tuple(values[name]) for name in lists}})
