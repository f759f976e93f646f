"""Certificates for tests, made in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Issuer:
    """An authority that signs certificates."""

    def __init__(self, name: str, now: datetime = NOW) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self._now = now
        made = self._builder(self.name, self.key.public_key(), timedelta(days=90))
        authority = x509.BasicConstraints(ca=True, path_length=None)
        self.pem = _pem(
            made.add_extension(authority, critical=True).sign(self.key, hashes.SHA256())
        )

    def leaf(
        self, *hosts: str, days: int = 30, key: ec.EllipticCurvePrivateKey | None = None
    ) -> tuple[str, str]:
        """Return a certificate for these hosts and its key, both PEM."""
        own = key or ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hosts[0])])
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        made = self._builder(name, own.public_key(), timedelta(days=days))
        signed = made.add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        return _pem(signed), key_pem(own)

    def _builder(
        self, subject: x509.Name, public: ec.EllipticCurvePublicKey, life: timedelta
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(days=60))
            .not_valid_after(self._now + life)
        )


def key_pem(key: ec.EllipticCurvePrivateKey, password: str | None = None) -> str:
    """Return a key as PEM, encrypted where there is a password."""
    locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        locked = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked).decode()


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
