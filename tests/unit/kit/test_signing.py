"""Keys and requests for certificates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from hatoba.kit import signing
from hatoba.model import certificate

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_request_is_for_the_domain_and_signed_with_the_key() -> None:
    made = signing.request("a.example", signing.subject("/C=DE/O=Quay/CN=a.example"), 2048)
    asked = x509.load_pem_x509_csr(made.signed)
    key = serialization.load_pem_private_key(made.key, None)
    assert asked.is_signature_valid
    assert asked.public_key() == key.public_key()
    assert asked.subject.rfc4514_string() == "CN=a.example,O=Quay,C=DE"


def test_a_certificate_of_its_own_can_be_served() -> None:
    made = signing.self_signed("a.example", signing.subject("/CN=a.example"), 2048, NOW)
    facts = certificate.checked(made.signed.decode(), made.key.decode(), NOW)
    assert (facts.domains, facts.self_signed) == (("a.example",), True)


@pytest.mark.parametrize("text", ["", "/CN", "/X=1", "/C=DEU/CN=a"])
def test_a_subject_that_can_not_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        signing.subject(text)


def test_neither_key_is_shown() -> None:
    made = signing.request("a.example", signing.subject("/CN=a.example"), 2048)
    assert "PRIVATE" not in repr(made)
