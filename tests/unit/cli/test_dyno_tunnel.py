"""What carries a connection inside a dyno, with a server there that hangs up."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading

from hatoba.cli import dyno_tunnel


def test_nothing_but_what_the_server_says_comes_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        hanging_up = threading.Thread(target=_reset, args=(server,))
        hanging_up.start()
        done = subprocess.run(
            ["bash", "-c", dyno_tunnel.SCRIPT],
            env={
                "PATH": os.defpath,
                "TUNNEL_HOST": "127.0.0.1",
                "TUNNEL_PORT": str(server.getsockname()[1]),
            },
            input=b"x" * 10_000_000,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=20,
            check=False,
        )
        hanging_up.join(20)
    assert done.stdout == b"ok\n"


def _reset(server: socket.socket) -> None:
    connection, _ = server.accept()
    connection.recv(1)
    # A close that lingers for no time resets the connection.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
