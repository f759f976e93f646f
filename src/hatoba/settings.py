"""The only reader of the environment: where the platform lives and how clients find it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8080


@dataclass(frozen=True)
class Settings:
    """What the daemon needs to know before it can ask its database.

    ``data_dir`` holds everything that lasts; ``runtime_dir`` holds sockets, under a short
    path (a unix socket's path is limited to 107 bytes); ``work_dir`` holds what processes of
    other users must reach: dynos' homes, builds, the copied Postgres binaries.
    """

    data_dir: Path
    port: int
    engine: str
    database_url: str | None

    @property
    def key(self) -> str:
        """Eight hex digits that name this platform among others on the machine."""
        return hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:8]

    @property
    def runtime_dir(self) -> Path:
        """Short folder for sockets and pid files."""
        return Path("/tmp") / f"hatoba-{os.getuid()}-{self.key}"  # noqa: S108 made with 0711 and checked

    @property
    def work_dir(self) -> Path:
        """Folder that other users may pass through; outside private homes when root."""
        if os.getuid() == 0 and not _passable(self.data_dir):
            return Path("/var/lib/hatoba") / self.key
        return self.data_dir / "work"


def _passable(path: Path) -> bool:
    """Tell whether every parent folder may be entered by any user."""
    return all(not p.exists() or p.stat().st_mode & 0o001 for p in (path, *path.parents))


def default_data_dir(env: Mapping[str, str]) -> Path:
    """Return where a platform lives when nobody says otherwise."""
    if os.getuid() == 0:
        return Path("/var/lib/hatoba/default")
    base = env.get("XDG_DATA_HOME")
    return (Path(base) if base else Path(env.get("HOME", "/")) / ".local/share") / "hatoba"


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the daemon's settings. Raises ValueError, with one clear line, on a bad value."""
    source = os.environ if env is None else env
    raw = source.get("HATOBA_PORT", str(DEFAULT_PORT))
    if not raw.isdigit() or not 0 < int(raw) < 65536:
        raise ValueError(f"HATOBA_PORT must be a port number between 1 and 65535, not {raw!r}.")
    chosen = source.get("HATOBA_DATA_DIR")
    return Settings(
        data_dir=(Path(chosen) if chosen else default_data_dir(source)).absolute(),
        port=int(raw),
        engine=source.get("HATOBA_ENGINE", "local"),
        database_url=source.get("HATOBA_DATABASE_URL") or None,
    )
