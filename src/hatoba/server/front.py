"""The daemon's front doors: the API and git behind the router, run sessions on TLS."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from hatoba import errors
from hatoba.api.app import create_app
from hatoba.api.rendezvous import Meeting, Rendezvous
from hatoba.auth.tokens import Tokens
from hatoba.control.platform import Platform
from hatoba.git.routes import GitDoor
from hatoba.kit.files import write_atomic
from hatoba.kit.scrub import Scrubber
from hatoba.registry import routes as registry
from hatoba.server.health import PlatformHealth
from hatoba.settings import Settings

API_SOCKET = "api.sock"


def rendezvous_port(chosen: Settings) -> int:
    """Return the port of run sessions: the same at each start while it is free."""
    note = chosen.data_dir / "ports.json"
    with contextlib.suppress(OSError, ValueError, KeyError):
        port = int(json.loads(note.read_text())["rendezvous"])
        if _free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    write_atomic(note, json.dumps({"rendezvous": port}))
    return port


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


async def open_api(
    stack: contextlib.AsyncExitStack,
    chosen: Settings,
    p: Platform,
    tokens: Tokens,
    health: PlatformHealth,
) -> None:
    """Open the API's and git's door: a unix socket behind the router."""
    git = GitDoor(p, tokens, p.repositories, chosen.runtime_dir / "git")
    await git.open()
    stack.push_async_callback(git.close)
    api = create_app(p, tokens, health)
    app = Starlette(routes=[*git.routes(), *registry.routes(p, tokens), *api.routes])
    await _serve(stack, app, chosen.runtime_dir / API_SOCKET)


async def open_rendezvous(
    stack: contextlib.AsyncExitStack, p: Platform, *, certificate: Path, key: Path
) -> None:
    """Open the door of run sessions. Raises StartupError when its port was taken meanwhile."""

    async def connect(secret: str) -> Meeting | None:
        session = p.sessions.take(secret)
        if session is None:
            return None
        try:
            streams = await p.engine.attach(session.dyno_id)
        except errors.HatobaError:
            return None
        p.sessions.join(secret, session, streams)
        return Meeting(
            streams,
            session.terminal,
            Scrubber(session.hidden),
            raw=session.raw,
            leave=lambda: p.sessions.leave(secret),
        )

    rendezvous = Rendezvous(connect, certificate=certificate, key=key)
    try:
        await rendezvous.open("127.0.0.1", p.place.rendezvous_port)
    except OSError as error:
        raise errors.StartupError(
            f"Port {p.place.rendezvous_port} for run sessions can't be opened: {error.strerror}."
        ) from error
    stack.push_async_callback(rendezvous.close)


async def _serve(stack: contextlib.AsyncExitStack, app: Starlette, path: Path) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(draft))
    draft.chmod(0o600)
    draft.replace(path)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve(sockets=[listener]), name="api")

    async def close() -> None:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(close)
    while not server.started:
        if task.done():
            raise errors.StartupError("The API could not be opened; the log says why.")
        await asyncio.sleep(0.01)
