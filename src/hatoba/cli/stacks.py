"""Makes stacks: a whole small system as one archive, by debootstrap or from an image."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import zstandard

from hatoba.client.errors import ClientError
from hatoba.kit import files, process

# What apps and buildpacks expect of a stack, besides the system's own essential packages.
PACKAGES = "ca-certificates curl media-types netbase openssl procps python3 tzdata unzip xz-utils"
# Not a system's own: Docker mounts the first ones, the others can be fetched again.
_LEFT_OUT = ("./dev/*", "./proc/*", "./sys/*", "./var/cache/apt/*", "./var/lib/apt/lists/*")
_ENV = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Debian:
    """What debootstrap is asked for."""

    suite: str
    mirror: str
    packages: tuple[str, ...]


async def bootstrap(wanted: Debian, target: Path, say: Say) -> int:
    """Make a stack of Debian's packages; return the archive's size in bytes.

    Raises ClientError with one line that says what is missing or went wrong.
    """
    if os.getuid() != 0:
        raise ClientError("A stack is built as root: its files belong to root.")
    if not shutil.which("debootstrap"):
        raise ClientError("debootstrap is missing: apt-get install debootstrap")
    include = ",".join((*PACKAGES.split(), *wanted.packages))
    async with _beside(target) as draft:
        root = draft / "root"
        said = _Steps(say)
        command = ["debootstrap", "--variant=minbase", f"--include={include}"]
        status = await process.follow(
            [*command, wanted.suite, str(root), wanted.mirror], env=_ENV, emit=said.take
        )
        if status != 0:
            raise ClientError(f"debootstrap ended with status {status}: {said.last}")
        say("compressing")
        pack = ["tar", "--create", "--numeric-owner", "-C", str(root)]
        pack += [f"--exclude={pattern}" for pattern in _LEFT_OUT]
        return await _compressed(process.stream([*pack, "-f", "-", "."], env=_ENV), draft, target)


async def from_image(image: str, target: Path, say: Say) -> int:
    """Make a stack of an image, pulled if Docker has none; return the archive's size in bytes."""
    if not shutil.which("docker"):
        raise ClientError("The docker command is missing: apt-get install docker.io")
    env = {**_ENV, **{k: v for k, v in os.environ.items() if k.startswith("DOCKER_")}}
    name = f"hatoba-stack-{secrets.token_hex(4)}"
    async with _beside(target) as draft:
        say("fetching")
        await _docker(["create", "--name", name, image, "true"], env)
        try:
            await _check_processor(image, env)
            say("compressing")
            exported = process.stream(["docker", "export", name], env=env)
            return await _compressed(exported, draft, target)
        finally:
            await _docker(["rm", "--force", name], env)


def processor() -> str:
    """Return this machine's processor in Docker's words."""
    name = os.uname().machine
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(name, name)


async def _check_processor(image: str, env: dict[str, str]) -> None:
    told = await _docker(["image", "inspect", "--format", "{{.Architecture}}", image], env)
    if told != processor():
        raise ClientError(f"The image {image} is for {told}; this machine is {processor()}.")


async def _docker(arguments: list[str], env: dict[str, str]) -> str:
    try:
        return (await process.check(["docker", *arguments], env=env)).decode().strip()
    except process.CommandError as error:
        lines = error.completed.stderr.decode(errors="replace").strip().splitlines()
        raise ClientError(f"Docker could not do it: {lines[-1] if lines else error}") from error


@asynccontextmanager
async def _beside(target: Path) -> AsyncIterator[Path]:
    """Give a folder beside the target that is gone afterwards."""
    draft = files.private_dir(target.parent) / f".{secrets.token_hex(4)}"
    draft.mkdir(mode=0o755)
    try:
        yield draft
    finally:
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)


async def _compressed(pieces: AsyncIterator[bytes], draft: Path, target: Path) -> int:
    """Write what comes, compressed, and put it in the target's place once it is whole."""
    made = draft / target.name
    try:
        with made.open("wb") as file:
            packer = zstandard.ZstdCompressor(level=3, threads=-1).compressobj()
            async for piece in pieces:
                file.write(await asyncio.to_thread(packer.compress, piece))
            file.write(packer.flush())
    except (OSError, process.CommandError) as error:
        raise ClientError(f"The stack can't be written to {target}: {error}") from error
    size = made.stat().st_size
    made.replace(target)
    return size


class _Steps:
    """Reads debootstrap's lines (``I: Unpacking bash...``) and says what it is at."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._rest = ""
        self.last = ""

    def take(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data.decode(errors="replace")).split("\n")
        for line in filter(None, lines):
            self.last = line.strip()
            if found := re.match(r"I: (\w+) (\S+)", line):
                self._say(f"{found[1].lower()} {found[2].rstrip('.')}")
