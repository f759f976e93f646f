"""The Docker Engine of this machine, as far as dynos need it. Each failure is one of ours."""

from __future__ import annotations

import asyncio
import contextlib
import io
import socket
import struct
import tarfile
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import aiodocker
import aiohttp
from aiodocker.exceptions import DockerError
from aiodocker.stream import Stream

from hatoba import errors

_ANSWER_SECONDS = 60.0
_LOAD_SECONDS = 600.0
# What an archive of one file has besides it, at the most.
_ARCHIVE_BYTES = 64 * 1024
# What the C library, and Go, say for a full disk.
FULL = "no space left on device"
# What Docker says of a removal that somebody else has begun.
_GOING = "is already in progress"
# What iptables says to Docker when its chains were flushed, and to Hatoba by Docker.
_NO_CHAIN = ("No chain/target/match by that name", "iptables: No chain", "does not exist")
# aiodocker's own status for a connection that could not be made.
_NOT_REACHED = 900

Json = dict[str, Any]
_T = TypeVar("_T")


class DockerFailed(errors.Unavailable):
    """Docker is there, and could not do what was asked."""


class DockerHost:
    """One engine behind its unix socket; ``labels`` are on all that is made, and found again."""

    def __init__(self, path: Path, labels: Mapping[str, str]) -> None:
        self.path = path
        self.labels = dict(labels)
        self._client: aiodocker.Docker | None = None

    @property
    def pid(self) -> int | None:
        """The process that listens on the socket, or None while nobody does."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.path))
            except OSError:
                return None
            raw = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", raw)[0])

    def _docker(self) -> aiodocker.Docker:
        if self._client is None:
            timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
            self._client = aiodocker.Docker(url=f"unix://{self.path}", timeout=timeout)
        return self._client

    async def close(self) -> None:
        """Let go of the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def architecture(self) -> str:
        """Return the processor that images must be for, in Docker's words. Raises Unavailable."""
        with self._ours():
            return str((await self._docker().version())["Arch"])

    async def image(self, name: str) -> Json | None:
        """Return what is known of an image, or None."""
        with self._ours():
            return await _or_none(self._docker().images.inspect(name))

    async def images(self) -> list[Json]:
        """Return the images that we made."""
        with self._ours():
            return list(await self._docker().images.list(filters={"label": self._wanted}))

    async def named(self, prefix: str) -> list[Json]:
        """Return the images whose names begin so, up to the last slash."""
        with self._ours():
            filters = {"reference": [f"{prefix}/*"]}
            return list(await self._docker().images.list(filters=filters))

    async def load(self, pieces: AsyncIterator[bytes]) -> None:
        """Take in an image archive as ``docker save`` writes it. Raises DiskFull."""
        with self._ours():
            async with asyncio.timeout(_LOAD_SECONDS):
                told = await self._docker().images.import_image(pieces)
        for line in told:
            if "error" in line:
                raise failure(str(line["error"]))

    async def name_image(self, name: str, other: str) -> None:
        """Give an image another name as well."""
        repository, _, tag = other.rpartition(":")
        with self._ours():
            await self._docker().images.tag(name, repository, tag=tag)

    async def remove_image(self, name: str) -> None:
        """Delete an image, unless it is gone already or in use."""
        with self._ours(), contextlib.suppress(errors.Conflict):
            await _or_none(self._docker().images.delete(name, force=True))

    async def create(self, name: str, config: Json) -> str:
        """Make a container and return its id; one of that name is replaced."""
        with self._ours():
            try:
                made = await self._docker().containers.create(config, name=name)
            except DockerError as error:
                if error.status != 409:
                    raise
                # Left by a start that was broken off: a dyno's id is never used twice.
                await self.remove(name)
                made = await self._docker().containers.create(config, name=name)
        return str(made.id)

    async def start(self, name: str) -> Json:
        """Start a container and return what is known of it then."""
        with self._ours():
            container = self._docker().containers.container(name)
            await container.start()
            return await container.show()

    async def fill(self, name: str, archive: AsyncIterator[bytes]) -> None:
        """Unpack a plain tar archive at the root of a container. Raises DiskFull."""
        headers = {"Content-Type": "application/x-tar"}
        asked = {"params": {"path": "/"}, "headers": headers, "data": archive}
        async with self.asking(f"containers/{name}/archive", "PUT", **asked) as answer:
            await answer.read()

    @contextlib.asynccontextmanager
    async def output(self, name: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Give what a container prints from now on, until it ends."""
        asked = self._docker().containers.container(name)
        stream = asked.attach(stdout=True, stderr=True)
        with self._ours():
            await stream.__aenter__()
        try:
            yield self._printed(stream)
        finally:
            await stream.close()

    async def _printed(self, stream: Stream) -> AsyncIterator[bytes]:
        while True:
            with self._ours():
                piece = await stream.read_out()
            if piece is None:
                return
            yield piece.data

    async def ended(self, name: str) -> Json:
        """Wait for the end of a container, and return its state then."""
        async with self.asking(f"containers/{name}/wait", "POST") as answer:
            await answer.read()
        found = await self.container(name)
        if found is None:
            raise errors.Unavailable("Docker has lost the container of a build.")
        return dict(found["State"])

    async def file(self, name: str, path: str, most: int) -> bytes | None:
        """Return a file of a container, None when there is none or it is larger than ``most``."""
        found = bytearray()
        try:
            async with self.asking(f"containers/{name}/archive", params={"path": path}) as answer:
                async for piece in answer.content.iter_any():
                    found += piece
                    if len(found) > most + _ARCHIVE_BYTES:
                        return None
            with tarfile.open(fileobj=io.BytesIO(found)) as archive:
                content = archive.extractfile(archive.getmembers()[0])
                return content.read() if content else None
        except (DockerFailed, tarfile.TarError, LookupError):
            return None

    async def container(self, name: str) -> Json | None:
        """Return what is known of a container, or None."""
        with self._ours():
            return await _or_none(self._docker().containers.container(name).show())

    async def containers(self, *, sizes: bool = False) -> list[Json]:
        """Return the containers that we made, ended ones too; Docker has to look for sizes."""
        with self._ours():
            filters = {"label": self._wanted}
            found = await self._docker().containers.list(all=True, size=sizes, filters=filters)
        return [dict(container._container) for container in found]  # noqa: SLF001 no other way

    async def remove(self, name: str) -> None:
        """End a container, if need be, and delete it; one that is going is waited for."""
        container = self._docker().containers.container(name)
        with self._ours():
            try:
                await _or_none(container.delete(force=True, v=True))
            except DockerError as error:
                if _GOING not in error.message:
                    raise
                await _or_none(container.wait(condition="removed", timeout=_ANSWER_SECONDS))

    async def networks(self) -> list[Json]:
        """Return the networks that we made."""
        with self._ours():
            return list(await self._docker().networks.list(filters={"label": self._wanted}))

    async def create_network(self, config: Json) -> None:
        """Make a network. Raises Conflict when one overlaps with it or has its name."""
        with self._ours():
            await self._docker().networks.create(config)

    async def remove_network(self, name: str) -> None:
        """Delete a network, unless it is gone already or in use."""
        with self._ours(), contextlib.suppress(errors.Conflict):
            await _or_none((await self._docker().networks.get(name)).delete())

    @contextlib.asynccontextmanager
    async def asking(
        self, path: str, method: str = "GET", **request: object
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask for something whose answer comes by and by, for as long as it takes.

        To leave before its end is to hang up, by which Docker stops what it does.
        """
        asked: Json = {**request, "timeout": aiohttp.ClientTimeout(total=None)}
        with self._ours():
            answer = await self._docker()._do_query(path, method, **asked)  # noqa: SLF001 no other way
        try:
            yield answer
        except aiohttp.ClientError as error:
            raise self._away() from error
        finally:
            answer.close()

    @property
    def _wanted(self) -> list[str]:
        return [f"{name}={value}" for name, value in self.labels.items()]

    @contextlib.contextmanager
    def _ours(self) -> Iterator[None]:
        try:
            yield
        except DockerError as error:
            if error.status == _NOT_REACHED:
                raise self._away() from error
            raise failure(error.message, error.status) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._away() from error

    def _away(self) -> errors.Unavailable:
        return errors.Unavailable(
            f"Docker does not answer at {self.path}. Start it, or look at its log; "
            "releases and scaling go on once it is back."
        )


async def _or_none(asked: Awaitable[_T]) -> _T | None:
    try:
        return await asked
    except DockerError as error:
        if error.status == 404:
            return None
        raise


def failure(said: str, status: int = 500) -> errors.HatobaError:
    """Return our error for what Docker says."""
    text = " ".join(said.split()).rstrip(".")
    if FULL in text:
        return errors.DiskFull()
    if "iptables" in text and any(words in text for words in _NO_CHAIN):
        return errors.Unavailable(
            "Docker's firewall rules are gone, as after a reload of this machine's firewall. "
            "Restart Docker: it makes them anew. Dynos that run are not affected."
        )
    if status in (403, 409) or "overlaps" in text or "in use" in text:
        return errors.Conflict(f"Docker refuses: {text}.")
    return DockerFailed(f"Docker could not do it: {text}.")
