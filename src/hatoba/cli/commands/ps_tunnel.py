"""ps:forward, ps:socks: ports of a running dyno, on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from functools import partial

import click

from hatoba.cli.command import command
from hatoba.cli.commands.ps_exec import DYNO, chosen_dyno
from hatoba.cli.session import Session
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError

SOCKS_PORT = 1080
_HIGHEST_PORT = 65535


@command(
    "ps:forward",
    "heroku ps:forward 4000 -a harbour",
    "heroku ps:forward 9000:9001,5000 -d worker.1 -a harbour",
)
@click.argument("ports", metavar="[LOCAL:]REMOTE,...")
@DYNO
@click.option("-p", "--local-port", "--localPort", type=int, hidden=True)
def forward(
    session: Session, app: str, ports: str, dyno: str | None, local_port: int | None
) -> None:
    """Listen on ports here and lead their connections to ports inside a running dyno."""
    from hatoba.cli.dyno_tunnel import Far, Tunnel

    pairs = [_pair(part, local_port) for part in ports.split(",")]
    chosen = dyno or chosen_dyno(session, app)
    tunnel = Tunnel(session, app, chosen, session.out.warn)
    listeners = [(_listen(local), remote) for local, remote in pairs]
    for listener, remote in listeners:
        local = listener.getsockname()[1]
        session.out.say(f"Listening on {local} and forwarding to {chosen}:{remote}")
        _beside(partial(tunnel.forward, listener, Far("127.0.0.1", remote)))
    _until_interrupted(session)


@command("ps:socks", "heroku ps:socks -a harbour", "heroku ps:socks -p 1081 -a harbour")
@DYNO
@click.option("-p", "--port", default=SOCKS_PORT, help="Port of the proxy here. Default 1080.")
def socks(session: Session, app: str, dyno: str | None, port: int) -> None:
    """Be a SOCKS 5 proxy here whose connections start inside a running dyno."""
    from hatoba.cli.dyno_tunnel import Tunnel

    chosen = dyno or chosen_dyno(session, app)
    tunnel = Tunnel(session, app, chosen, session.out.warn)
    listener = _listen(port)
    session.out.say(f"SOCKSv5 proxy server started on port {listener.getsockname()[1]}")
    _beside(partial(tunnel.socks, listener))
    _until_interrupted(session)


def _pair(part: str, local_port: int | None) -> tuple[int, int]:
    """Read ``LOCAL:REMOTE``, or one port for both."""
    local, colon, remote = part.strip().partition(":")
    words = (local, remote) if colon else (str(local_port or local), local)
    if not all(word.isdecimal() and 0 <= int(word[:6]) <= _HIGHEST_PORT for word in words):
        raise UsageError(f"{part} is no port. Write PORT or LOCAL:REMOTE, several with commas.")
    return int(words[0]), int(words[1])


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise ClientError(
            f"Port {port} can't be listened on here: {error.strerror}. Choose another local port."
        ) from error


def _beside(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


def _until_interrupted(session: Session) -> None:
    session.out.say("Use CTRL+C to stop it")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        session.out.say()
