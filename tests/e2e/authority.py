"""Let's Encrypt's own test authority (Debian's `pebble`), with a DNS that leads to this machine."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.platform import free_port, wait_for
from tests.unit.model.certificates import Issuer


@dataclass(frozen=True)
class Authority:
    """A running authority: its ACME address, and what its own certificate is checked with."""

    directory: str
    ca: Path


# It validates at once, and takes every third nonce for too old (percent).
_HABITS = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "33"}


@contextmanager
def running(folder: Path, http_port: int) -> Iterator[Authority]:
    """Run an authority that asks hosts on that port instead of port 80."""
    port, dns, management = free_port(), free_port(), free_port()
    issuer = Issuer("Pebble's own", datetime.now(UTC))
    chain, key = issuer.leaf("localhost")
    (folder / "ca.pem").write_text(issuer.pem)
    (folder / "own.pem").write_text(chain)
    (folder / "own.key").write_text(key)
    config = {
        "listenAddress": f"127.0.0.1:{port}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(folder / "own.pem"),
        "privateKey": str(folder / "own.key"),
        "httpPort": http_port,
        "tlsPort": http_port,
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": config}))
    names = ["-dns01", f"127.0.0.1:{dns}", "-defaultIPv6", "", "-management", ""]
    quiet = ["-http01", "", "-https01", "", "-tlsalpn01", ""]
    argvs = [
        ["pebble-challtestsrv", *names, *quiet],
        ["pebble", "-config", str(folder / "pebble.json"), "-dnsserver", f"127.0.0.1:{dns}"],
    ]
    with (folder / "log").open("wb") as log:
        started = [subprocess.Popen(argv, stdout=log, stderr=log, env=_HABITS) for argv in argvs]
        try:
            wait_for("pebble listens", lambda: _listens(port))
            yield Authority(f"https://localhost:{port}/dir", folder / "ca.pem")
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
