"""A certificate authority of one's own on this machine, and the certificate that it vouches for."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hatoba.kit.files import private_dir, write_atomic

CA_LIFE = timedelta(days=3650)
# Clients refuse server certificates of more than 398 days (CA/Browser Forum, since 2020).
LEAF_LIFE = timedelta(days=390)
RENEW_BEFORE = timedelta(days=30)
LOCAL_NAMES = ("localhost", "*.localhost", "api.localhost", "registry.localhost")
_ADDRESSES = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Certificates:
    """Where the files are. ``ca`` is what clients are given to trust; the keys are private."""

    ca: Path
    ca_key: Path
    certificate: Path
    key: Path


def paths(data_dir: Path) -> Certificates:
    """Return where the certificates of this folder are."""
    folder = data_dir / "certificates"
    return Certificates(
        ca=data_dir / "ca.pem",
        ca_key=folder / "ca.key",
        certificate=folder / "localhost.pem",
        key=folder / "localhost.key",
    )


def ensure(data_dir: Path, now: datetime, names: tuple[str, ...] = LOCAL_NAMES) -> Certificates:
    """Make what is missing, renew what ends within 30 days or is for other names.

    Returns where the files are.
    """
    files = paths(data_dir)
    private_dir(files.key.parent)
    if not files.ca_key.exists() or _ends_soon(files.ca, now):
        _write_ca(files, now)
        files.certificate.unlink(missing_ok=True)
    if not files.key.exists() or _is_outdated(files.certificate, now, names):
        _write_leaf(files, now, names)
    return files


def _ends_soon(path: Path, now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return True
    return certificate.not_valid_after_utc - now < RENEW_BEFORE


def _is_outdated(path: Path, now: datetime, names: tuple[str, ...]) -> bool:
    return _ends_soon(path, now) or _names(path) != set(names)


def _names(path: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return set(found.value.get_values_for_type(x509.DNSName))


def _write_ca(files: Certificates, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hatoba local authority")])
    public = key.public_key()
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _builder(name, name, public, now, CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_atomic(files.ca_key, _pem(key))
    write_atomic(files.ca, made.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _write_leaf(files: Certificates, now: datetime, names: tuple[str, ...]) -> None:
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    signer = serialization.load_pem_private_key(files.ca_key.read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{files.ca_key} does not hold an elliptic curve key.")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    alternatives: list[x509.GeneralName] = [x509.DNSName(n) for n in names]
    alternatives += [x509.IPAddress(ipaddress.ip_address(a)) for a in _ADDRESSES]
    of_authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = (
        _builder(name, authority.subject, key.public_key(), now, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(of_authority, critical=False)
        .sign(signer, hashes.SHA256())
    )
    chain = made.public_bytes(serialization.Encoding.PEM) + files.ca.read_bytes()
    write_atomic(files.key, _pem(key))
    write_atomic(files.certificate, chain, mode=0o644)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # Clocks of other machines may be a little behind.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + life)
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
