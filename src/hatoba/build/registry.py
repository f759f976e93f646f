"""Files that say how package registries are reached, as builds see them.

Only files that the platform's environment names are handed on: what lies in a home was not put
there for every app's build to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

# https://docs.astral.sh/uv/reference/environment, https://pip.pypa.io/en/stable/topics/configuration,
# https://docs.npmjs.com/cli/using-npm/config, https://nodejs.org/api/cli.html#node_extra_ca_certsfile
_FILES = (
    "UV_CONFIG_FILE",
    "PIP_CONFIG_FILE",
    "PIP_CERT",
    "NPM_CONFIG_USERCONFIG",
    "npm_config_userconfig",
    "NPM_CONFIG_CAFILE",
    "npm_config_cafile",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
)


def copy(settings: Mapping[str, str], folder: Path) -> None:
    """Copy the files that the settings name into the build's own folder, named as they are."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in _FILES:
        path = Path(settings.get(name, ""))
        if path.is_file():
            target = folder / name
            target.touch(mode=0o600)
            target.write_bytes(path.read_bytes())


def named(settings: Mapping[str, str], folder: Path, seen: Path) -> dict[str, str]:
    """Return the settings with the copies in ``folder`` named as builds see them."""
    copied = {name: str(seen / name) for name in _FILES if (folder / name).is_file()}
    return {**settings, **copied}
