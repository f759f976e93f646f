"""Where buildpacks come from: built in, a folder, a git repository or an archive."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tarfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import urllib3

from hatoba import errors
from hatoba.kit import process

# In the order in which they are tried when an app names none.
BUILT_IN = ("python", "nodejs", "static", "procfile")
_FETCH_SECONDS = 60.0


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


async def find(name: str, store: Path) -> Pack:
    """Return the buildpack of that URL, folder or registry name, fetched into ``store``.

    Raises BuildFailed with a line that says what to do.
    """
    known = {pack.name: pack for pack in built_in()}
    short = name.removeprefix("urn:buildpack:")
    if short in known:
        return known[short]
    path = Path(name.removeprefix("file://"))
    if path.is_absolute() and path.is_dir() and not (path / ".git").exists():
        return _checked(Pack(name, path))
    if "://" in name or path.is_absolute():
        return _checked(Pack(name, await _fetched(name, store)))
    raise errors.BuildFailed(
        f"The buildpack {name} is not here: the built-in ones are {', '.join(known)}; "
        "others are named by URL: heroku buildpacks:set https://HOST/REPOSITORY.git"
    )


def _checked(pack: Pack) -> Pack:
    missing = [n for n in ("detect", "compile") if not pack.script(n).is_file()]
    if missing:
        raise errors.BuildFailed(
            f"{pack.name} is no buildpack: it has no bin/{missing[0]} program."
        )
    return pack


async def _fetched(url: str, store: Path) -> Path:
    target = store / hashlib.sha256(url.encode()).hexdigest()[:16]
    draft = target.with_suffix(".new")
    await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
    store.mkdir(parents=True, exist_ok=True, mode=0o755)
    address, _, ref = url.partition("#")
    if address.endswith((".tgz", ".tar.gz")):
        await asyncio.to_thread(_download, address, draft)
    else:
        await _clone(address, ref, draft)
    await asyncio.to_thread(shutil.rmtree, target, ignore_errors=True)
    draft.rename(target)
    return target


async def _clone(address: str, ref: str, target: Path) -> None:
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": "/nonexistent",
    }
    branch = ["--branch", ref] if ref else []
    command = ["git", "clone", "--quiet", "--depth", "1", *branch, address, str(target)]
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
            with tarfile.open(fileobj=answer, mode="r|gz") as archive:
                archive.extractall(target, filter="data")
    except (urllib3.exceptions.HTTPError, tarfile.TarError, OSError) as error:
        raise errors.BuildFailed(f"The buildpack {address} can't be fetched: {error}.") from error
