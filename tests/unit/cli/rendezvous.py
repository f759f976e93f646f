"""A rendezvous of one's own: TLS, a banner, then the command's pipes."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost that is its own authority; return it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ip_address("127.0.0.1")),
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = folder / "ca.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, key_pem


class Rendezvous:
    """Runs each command for one connection; ``received`` is what came as input."""

    def __init__(self, folder: Path) -> None:
        self.ca, key = certificate(folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.ca, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.received = bytearray()
        self.secrets: list[str] = []
        self._command = ""
        self._threads: list[threading.Thread] = []

    def expect(self, command: str) -> str:
        """Run this command for the next connection; return the URL to attach to."""
        self._command = command
        thread = threading.Thread(target=self._serve, daemon=True)
        self._threads.append(thread)
        thread.start()
        return f"rendezvous://localhost:{self.port}/a-secret"

    def close(self) -> None:
        self._listener.close()
        for thread in self._threads:
            thread.join(20)

    def _serve(self) -> None:
        raw, _ = self._listener.accept()
        with suppress(OSError), self._context.wrap_socket(raw, server_side=True) as connection:
            line = b""
            while not line.endswith(b"\n"):
                line += connection.recv(1)
            self.secrets.append(line.decode().strip())
            connection.sendall(b"rendezvous\r\n")
            self._run(connection)

    def _run(self, connection: ssl.SSLSocket) -> None:
        while b"\x04" not in self.received:
            data = connection.recv(65536)
            if not data:
                return
            self.received += data
        done = subprocess.run(
            ["bash", "-c", self._command],
            input=self.received.partition(b"\x04")[0],
            stdout=subprocess.PIPE,
            check=False,
        )
        connection.sendall(done.stdout)
