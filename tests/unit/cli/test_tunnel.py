"""The local port of `hatoba connect`, with a platform elsewhere that says what it has to say."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

from hatoba.cli.tunnel import Ends, Tunnel
from hatoba.client.origin import Origin
from tests.unit.cli.rendezvous import certificate


def test_a_sessions_first_line_comes_by_itself(tmp_path: Path) -> None:
    pem, key = certificate(tmp_path)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(pem, key)
    checked = ssl.create_default_context(cafile=str(pem))
    with (
        socket.create_server(("127.0.0.1", 0)) as elsewhere,
        socket.create_server(("127.0.0.1", 0)) as spare,
    ):
        port = spare.getsockname()[1]
        spare.close()
        end = Origin("https", "localhost", elsewhere.getsockname()[1])
        tunnel = Tunnel(Ends(end, end, checked, served), port)
        tunnel.open()
        answering = threading.Thread(target=_answer, args=(elsewhere, served))
        answering.start()
        try:
            raw = socket.create_connection(("127.0.0.1", port), timeout=20)
            with checked.wrap_socket(raw, server_hostname="localhost") as client:
                client.sendall(b"a-secret\r\n")
                # What TLS gives out at once is what was put in at once.
                assert client.recv(1024) == b"rendezvous\r\n"
                assert client.recv(1024) == b"6 times 7 is 42\n"
        finally:
            answering.join(20)
            tunnel.close()


def _answer(listener: socket.socket, context: ssl.SSLContext) -> None:
    raw, _ = listener.accept()
    with context.wrap_socket(raw, server_side=True) as connection:
        assert connection.recv(1024) == b"a-secret\r\n"
        connection.sendall(b"rendezvous\r\n6 times 7 is 42\n")
        connection.recv(1024)
