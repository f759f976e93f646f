"""The buildpacks that come with the platform, as the registry tells of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"(?:urn:buildpack:)?([\w.-]+)/([\w.-]+)")


@dataclass(frozen=True)
class Buildpack:
    """One built-in buildpack: ``namespace/name``, and what it does in a sentence."""

    namespace: str
    name: str
    description: str
    readme: str

    @property
    def slug(self) -> str:
        """The name by which it is set."""
        return f"{self.namespace}/{self.name}"


BUILT_IN = (
    Buildpack(
        "heroku",
        "python",
        "Python apps with pip, uv or Poetry files",
        "Installs the dependencies of a requirements.txt, uv.lock or pyproject.toml with uv, with "
        "the Python of .python-version, and collects Django's static files.",
    ),
    Buildpack(
        "heroku",
        "nodejs",
        "Node.js apps with npm or Yarn files",
        "Installs the dependencies of a package.json and runs its build script.",
    ),
    Buildpack(
        "heroku",
        "static",
        "Folders of HTML files",
        "Serves a folder with an index.html.",
    ),
    Buildpack(
        "heroku",
        "procfile",
        "Programs that need no build",
        "Takes the code as it is and runs what its Procfile says.",
    ),
)


def missing(wanted: str) -> bool:
    """Tell whether this is a registry's name for a buildpack, as ``heroku/x``, that isn't here."""
    match = _NAME.fullmatch(wanted)
    return match is not None and find(match[1], match[2]) is None


def find(namespace: str, name: str) -> Buildpack | None:
    """Return a built-in buildpack, or None."""
    return next((b for b in BUILT_IN if (b.namespace, b.name) == (namespace, name)), None)
