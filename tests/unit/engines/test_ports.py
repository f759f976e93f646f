from __future__ import annotations

import os
import socket

import pytest

from hatoba.engines.node import ports


def test_a_listening_port_is_not_free_and_its_owner_is_known() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert ports.listening()[port] == os.getuid()
        assert not ports._can_bind(port)


def test_a_port_that_only_connects_does_not_listen() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getsockname()[1] not in ports.listening()


def test_taken_ports_are_not_given_again() -> None:
    taken = set(range(ports.FIRST, ports.LAST))
    with pytest.raises(OSError, match="No free port"):
        ports.free(taken)
    assert ports.FIRST <= ports.free(set()) < ports.LAST
