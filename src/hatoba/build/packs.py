"""Where buildpacks come from: built in, a folder, a git repository or an archive."""

from __future__ import annotations

import asyncio
import io
import os
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import urllib3

from hatoba import errors
from hatoba.kit import process
from hatoba.kit.archive import extract

# In the order in which they are tried when an app names none.
BUILT_IN = ("python", "nodejs", "static", "procfile")
_FETCH_SECONDS = 60.0
_MAX_ARCHIVE = 50 * 1024 * 1024


@dataclass(frozen=True)
class Pack:
    """A buildpack in a folder; ``name`` is what people call it."""

    name: str
    folder: Path

    def script(self, name: str) -> Path:
        """Return one of its programs: detect, compile, release, report."""
        return self.folder / "bin" / name


def built_in() -> list[Pack]:
    """Return the buildpacks that come with the platform."""
    folder = Path(str(resources.files("hatoba.build"))) / "buildpacks"
    return [Pack(f"heroku/{name}", folder / name) for name in BUILT_IN]


async def find(name: str, target: Path, allowed: Sequence[Path]) -> Pack:
    """Return the buildpack of that URL, folder or registry name; others than ours in ``target``.

    Folders of this machine must lie below an allowed one: whoever may set buildpacks must not be
    able to have any file read. Raises BuildFailed with a line that says what to do.
    """
    known = {pack.name: pack for pack in built_in()}
    short = name.removeprefix("urn:buildpack:")
    if short in known:
        return known[short]
    if name.startswith(("https://", "http://")):
        await _fetch(name, target)
        return _checked(Pack(name, target))
    path = Path(name.removeprefix("file://")).resolve()
    if any(path.is_relative_to(folder.resolve()) for folder in allowed) and path.is_dir():
        return _checked(Pack(name, path))
    raise errors.BuildFailed(
        f"The buildpack {name} is not here: the built-in ones are {', '.join(known)}; others are "
        "named by URL (https://HOST/REPOSITORY.git), or by a folder that the operator allows "
        "with HATOBA_BUILDPACKS."
    )


def _checked(pack: Pack) -> Pack:
    missing = [n for n in ("detect", "compile") if not pack.script(n).is_file()]
    if missing:
        raise errors.BuildFailed(
            f"{pack.name} is no buildpack: it has no bin/{missing[0]} program."
        )
    return pack


async def _fetch(url: str, target: Path) -> None:
    address, _, ref = url.partition("#")
    if address.endswith((".tgz", ".tar.gz")):
        await asyncio.to_thread(_download, address, target)
    else:
        await _clone(address, ref, target)


async def _clone(address: str, ref: str, target: Path) -> None:
    env = {
        "PATH": os.defpath,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "https:http",
        "HOME": "/nonexistent",
    }
    branch = [f"--branch={ref}"] if ref else []
    options = ["--quiet", "--depth=1", *branch]
    command = ["git", "clone", *options, "--", address, str(target)]
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            await process.check(command, env=env)
    except (process.CommandError, TimeoutError) as error:
        raise errors.BuildFailed(f"The buildpack {address} can't be fetched: {error}.") from error


def _download(address: str, target: Path) -> None:
    try:
        with urllib3.PoolManager(timeout=_FETCH_SECONDS) as pool:
            answer = pool.request("GET", address, preload_content=False)
            if answer.status != 200:
                raise errors.BuildFailed(
                    f"The buildpack {address} can't be fetched: status {answer.status}."
                )
            packed = answer.read(_MAX_ARCHIVE + 1)
            if len(packed) > _MAX_ARCHIVE:
                raise errors.BuildFailed(f"The buildpack {address} is larger than 50 MB.")
            with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
                target.mkdir()
                extract(archive, target, hard_links=True)
    except (urllib3.exceptions.HTTPError, tarfile.TarError) as error:
        raise errors.BuildFailed(f"The buildpack {address} can't be fetched: {error}.") from error
