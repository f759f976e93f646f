"""Images taken out of Docker, as ``docker save`` writes them."""

from __future__ import annotations

import asyncio
import errno
import json
import tarfile
from pathlib import Path

from hatoba import errors
from hatoba.engines.images import ImageParts
from hatoba.engines.swarm.docker import DockerHost

_PIECE = 1024 * 1024


async def parts(docker: DockerHost, name: str, folder: Path) -> ImageParts:
    """Put the parts of an image into an existing folder. Raises DiskFull or Unavailable."""
    archive = folder / "image.tar"
    try:
        with archive.open("wb") as file:
            async with docker.asking(f"images/{name}/get") as answer:
                async for piece in answer.content.iter_chunked(_PIECE):
                    await asyncio.to_thread(file.write, piece)
        return await asyncio.to_thread(_unpacked, archive, folder)
    except (tarfile.TarError, ValueError, LookupError) as error:
        raise errors.Unavailable(f"Docker gives the image out damaged: {error}.") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise errors.DiskFull from error
        raise
    finally:
        archive.unlink(missing_ok=True)


def _unpacked(archive: Path, folder: Path) -> ImageParts:
    """Take configuration and layers out of an archive as ``docker save`` writes it."""
    with tarfile.open(archive, mode="r:") as opened:
        [told] = json.loads(_content(opened, "manifest.json"))
        layers = [folder / f"layer-{number}" for number in range(len(told["Layers"]))]
        for name, target in zip(told["Layers"], layers, strict=True):
            _take(opened, name, target)
        return ImageParts(_content(opened, told["Config"]), tuple(layers))


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise LookupError(name)
    return file.read()


def _take(archive: tarfile.TarFile, name: str, target: Path) -> None:
    # The same layer twice is a link from one to the other, which is followed.
    file = archive.extractfile(name)
    if file is None:
        raise LookupError(name)
    with target.open("wb") as written:
        while piece := file.read(_PIECE):
            written.write(piece)
