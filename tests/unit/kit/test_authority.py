"""The platform's own authority and its certificate."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from hatoba.kit.authority import LEAF_LIFE, ensure

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_keys_are_private_and_the_authority_is_not(tmp_path: Path) -> None:
    made = ensure(tmp_path, NOW)
    assert {p.stat().st_mode & 0o777 for p in (made.key, made.ca_key)} == {0o600}
    assert made.ca.stat().st_mode & 0o777 == 0o644
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)


def test_the_certificate_names_this_machine(tmp_path: Path) -> None:
    made = ensure(tmp_path, NOW)
    leaf = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    said = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "*.localhost" in said.get_values_for_type(x509.DNSName)
    assert [str(a) for a in said.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(made.ca.read_bytes()))


def test_is_made_once_and_renewed_before_it_ends(tmp_path: Path) -> None:
    first = ensure(tmp_path, NOW)
    leaf, authority = first.certificate.read_bytes(), first.ca.read_bytes()
    ensure(tmp_path, NOW + timedelta(days=1))
    assert first.certificate.read_bytes() == leaf
    ensure(tmp_path, NOW + LEAF_LIFE - timedelta(days=29))
    assert first.certificate.read_bytes() != leaf
    assert first.ca.read_bytes() == authority
