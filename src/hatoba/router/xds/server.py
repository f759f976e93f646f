"""The delta ADS server that Envoy connects to, on a unix socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import grpc
from envoy.service.discovery.v3 import discovery_pb2

from hatoba.errors import Unavailable
from hatoba.router.xds.resources import Resources, Wanted
from hatoba.router.xds.stream import DeltaStream

_SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService"
_METHOD = "DeltaAggregatedResources"
ACKNOWLEDGE_SECONDS = 5.0


class XdsServer:
    """Tells the connected Envoy every change, and waits for its acknowledgement.

    Nothing is told before ``open``: an Envoy that outlived the daemon keeps what it has.
    """

    def __init__(self, resources: Resources, notice: Callable[[str], None]) -> None:
        self._resources = resources
        self._notice = notice
        self._opened = asyncio.Event()
        self._changed = asyncio.Event()
        self._stream: DeltaStream | None = None
        self._server: grpc.aio.Server | None = None

    @property
    def connected(self) -> bool:
        """Tell whether an Envoy is connected."""
        return self._stream is not None

    async def start(self, socket: Path) -> None:
        """Listen; the folder of the socket must be private."""
        socket.unlink(missing_ok=True)
        self._server = grpc.aio.server(options=[("grpc.max_send_message_length", -1)])
        method = grpc.stream_stream_rpc_method_handler(
            self._serve,
            request_deserializer=discovery_pb2.DeltaDiscoveryRequest.FromString,
            response_serializer=discovery_pb2.DeltaDiscoveryResponse.SerializeToString,
        )
        handler = grpc.method_handlers_generic_handler(_SERVICE, {_METHOD: method})
        self._server.add_generic_rpc_handlers((handler,))
        self._server.add_insecure_port(f"unix:{socket}")
        await self._server.start()

    async def stop(self) -> None:
        """Hang up; Envoy goes on with what it has."""
        if self._server is not None:
            await self._server.stop(grace=0)

    def open(self) -> None:
        """Begin to answer: the wanted state is known."""
        self._opened.set()
        self.changed()

    def changed(self) -> None:
        """Wake everybody who waits for a change of resources or of what Envoy has."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def in_force(
        self, wanted: Iterable[Wanted], *, timeout: float = ACKNOWLEDGE_SECONDS
    ) -> None:
        """Wait until Envoy has acknowledged these changes.

        Raises Unavailable after ``timeout`` seconds, or when Envoy refused one of them.
        """
        missing = list(wanted)

        def done() -> bool:
            stream = self._stream
            if stream is None:
                return False
            for change in missing:
                if reason := stream.refused(change):
                    raise Unavailable(f"The router refused a change: {reason}")
            missing[:] = [w for w in missing if not stream.accepted(w)]
            return not missing

        await self._until(done, timeout)

    async def forgotten(self, type: str, name: str) -> None:
        """Wait until Envoy has acknowledged the end of a resource. Raises Unavailable."""

        def done() -> bool:
            return self._stream is not None and not self._stream.known(type, name)

        await self._until(done, ACKNOWLEDGE_SECONDS)

    async def _until(self, done: Callable[[], bool], timeout: float) -> None:
        self.changed()
        try:
            async with asyncio.timeout(timeout):
                while True:
                    changed = self._changed
                    if done():
                        return
                    await changed.wait()
        except TimeoutError:
            raise Unavailable(
                "The router has not confirmed the change yet; it comes into force as soon as "
                "the router answers."
            ) from None

    async def _serve(
        self,
        requests: AsyncIterator[discovery_pb2.DeltaDiscoveryRequest],
        _context: object,
    ) -> AsyncIterator[discovery_pb2.DeltaDiscoveryResponse]:
        await self._opened.wait()
        stream = DeltaStream(self._resources)
        self._stream = stream
        hearing = asyncio.create_task(self._hear(stream, requests))
        try:
            while not hearing.done():
                changed = self._changed
                for response in stream.responses():
                    yield response
                await changed.wait()
        finally:
            hearing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await hearing
            if self._stream is stream:
                self._stream = None

    async def _hear(
        self, stream: DeltaStream, requests: AsyncIterator[discovery_pb2.DeltaDiscoveryRequest]
    ) -> None:
        try:
            async for request in requests:
                if reason := stream.heard(request):
                    self._notice(f"Envoy refused a change of its routes: {reason}")
                self.changed()
        finally:
            self.changed()
