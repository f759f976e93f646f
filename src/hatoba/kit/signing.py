"""New keys with a request for a certificate, or a certificate that they sign themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

# As openssl's req -x509 does.
SELF_SIGNED_DAYS = 30
_PARTS = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}


@dataclass(frozen=True)
class Generated:
    """What was made, both PEM."""

    key: bytes = field(repr=False)
    signed: bytes


def subject(text: str) -> x509.Name:
    """Read a subject as openssl writes it: ``/C=DE/O=Quay/CN=www.example.com``.

    Raises ValueError, with a whole sentence, when it can't be read.
    """
    parts = []
    for part in text.removeprefix("/").split("/"):
        name, equals, value = part.partition("=")
        if not equals or name not in _PARTS:
            raise ValueError(f"The subject can't be read at {part!r}. Write /C=DE/O=Quay/CN=NAME.")
        parts.append(x509.NameAttribute(_PARTS[name], value))
    return x509.Name(parts)


def request(domain: str, name: x509.Name, bits: int) -> Generated:
    """Return a new key and the request to be sent to a certificate authority."""
    key = rsa.generate_private_key(65537, bits)
    made = x509.CertificateSigningRequestBuilder(name).add_extension(_hosts(domain), critical=False)
    signed = made.sign(key, hashes.SHA256())
    return Generated(_pem(key), signed.public_bytes(serialization.Encoding.PEM))


def self_signed(domain: str, name: x509.Name, bits: int, now: datetime) -> Generated:
    """Return a new key and a certificate of its own, for tests."""
    key = rsa.generate_private_key(65537, bits)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=SELF_SIGNED_DAYS))
        .add_extension(_hosts(domain), critical=False)
    )
    signed = made.sign(key, hashes.SHA256())
    return Generated(_pem(key), signed.public_bytes(serialization.Encoding.PEM))


def _hosts(domain: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(domain)])


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
