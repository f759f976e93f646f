"""The buildpacks that come with the platform, as the registry tells of them."""

from __future__ import annotations

from dataclasses import dataclass


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


def find(namespace: str, name: str) -> Buildpack | None:
    """Return a built-in buildpack, or None."""
    return next((b for b in BUILT_IN if (b.namespace, b.name) == (namespace, name)), None)
