"""Ports of this machine: which are free, and who listens where. Standard library only."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection, Iterator
from pathlib import Path

# Below the range from which the kernel takes ports for outgoing connections.
FIRST, LAST = 20000, 32000
_LISTEN = "0A"
# As /proc/net writes 127.0.0.1 and ::1.
_LOOPBACK = ("0100007F", "00000000000000000000000001000000")


def free(taken: Collection[int]) -> int:
    """Return a port that nobody uses and that is not in ``taken``. Raises OSError."""
    for port in random.sample(range(FIRST, LAST), 200):
        if port not in taken and _can_bind(port):
            return port
    raise OSError(98, "No free port was found")


def _can_bind(port: int) -> bool:
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 a test
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno == 98:
                    return False
    return True


def listening(pid: int | None = None) -> dict[int, int]:
    """Return the uid of the owner of each TCP port that somebody listens on.

    With ``pid`` those of that process's network, where only what can be reached from outside of
    it counts.
    """
    found: dict[int, int] = {}
    for name in ("tcp6", "tcp"):
        try:
            with Path(f"/proc/{pid or 'self'}/net/{name}").open() as lines:
                found |= _owners(lines, loopback=pid is None)
        except OSError:
            continue
    return found


def _owners(lines: Iterator[str], *, loopback: bool) -> dict[int, int]:
    """Read the listening sockets: the kernel gives them before all connections."""
    next(lines, None)
    found: dict[int, int] = {}
    for line in lines:
        fields = line.split()
        if fields[3] != _LISTEN:
            break
        address, _, port = fields[1].rpartition(":")
        if loopback or address not in _LOOPBACK:
            found[int(port, 16)] = int(fields[7])
    return found
