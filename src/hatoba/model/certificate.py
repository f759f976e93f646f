"""Certificates: what a chain and its private key must be, to be served."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import (
    PrivateKeyTypes,
    PublicKeyTypes,
)

# What Envoy takes: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
MIN_RSA_BITS = 2048


class BadCertificate(Exception):
    """Why a certificate or its key can't be served, a whole sentence."""


@dataclass(frozen=True)
class SniEndpoint:
    """A certificate of an app. ``chain`` is PEM, the leaf first; the key stays sealed."""

    id: UUID
    app_id: UUID
    name: str
    chain: str
    sealed_key: bytes = field(repr=False)
    acm: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Facts:
    """What a certificate says of itself."""

    domains: tuple[str, ...]
    issuer: str
    subject: str
    self_signed: bool
    starts_at: datetime
    expires_at: datetime


def checked(chain: str, key: str, now: datetime) -> Facts:
    """Return what is to be known of a certificate that can be served now.

    Raises BadCertificate.
    """
    certificates = _chain(chain)
    leaf = certificates[0]
    public = _private_key(key).public_key()
    if public != leaf.public_key():
        raise BadCertificate(_misfit(certificates, public))
    if not _is_served(public):
        raise BadCertificate(
            "The router can't serve this kind of key. Use RSA of at least 2048 bits, or an "
            "elliptic curve: P-256, P-384 or P-521."
        )
    if leaf.not_valid_after_utc <= now:
        raise BadCertificate(
            f"The certificate expired on {leaf.not_valid_after_utc:%Y-%m-%d}. Add a current one."
        )
    for issued, issuer in pairwise(certificates):
        _check_issued(issued, issuer)
    return _facts(leaf)


def facts(chain: str) -> Facts:
    """Return what the leaf of a chain says. Raises BadCertificate."""
    return _facts(_chain(chain)[0])


def covers(names: tuple[str, ...], hostname: str) -> bool:
    """Tell whether one of a certificate's names is a host's; a star stands for one label."""
    above = "*." + hostname.partition(".")[2]
    return hostname in names or above in names


def _chain(text: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise BadCertificate("The certificate is not valid PEM.") from error


def _private_key(text: str) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(text.encode(), None)
    except TypeError as error:
        raise BadCertificate(
            "The private key is encrypted. Remove its passphrase first: "
            "openssl pkey -in KEY -out PLAIN_KEY"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadCertificate("The private key is not valid PEM.") from error


def _is_served(public: PublicKeyTypes) -> bool:
    if isinstance(public, rsa.RSAPublicKey):
        return public.key_size >= MIN_RSA_BITS
    return isinstance(public, ec.EllipticCurvePublicKey) and isinstance(
        public.curve, (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
    )


def _misfit(certificates: list[x509.Certificate], public: PublicKeyTypes) -> str:
    if any(certificate.public_key() == public for certificate in certificates[1:]):
        return "The chain is in the wrong order: put the certificate of the domain first."
    return "The private key does not fit the certificate."


def _check_issued(issued: x509.Certificate, issuer: x509.Certificate) -> None:
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise BadCertificate(
            "The chain is in the wrong order or incomplete: each certificate must be followed by "
            f"the one that issued it, and {issuer.subject.rfc4514_string()} did not issue "
            f"{issued.subject.rfc4514_string()}."
        ) from error


def _facts(leaf: x509.Certificate) -> Facts:
    return Facts(
        domains=_names(leaf),
        issuer=leaf.issuer.rfc4514_string(),
        subject=leaf.subject.rfc4514_string(),
        self_signed=leaf.issuer == leaf.subject,
        starts_at=leaf.not_valid_before_utc,
        expires_at=leaf.not_valid_after_utc,
    )


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        common = leaf.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return tuple(str(name.value).lower() for name in common)
    return tuple(name.lower() for name in found.value.get_values_for_type(x509.DNSName))
