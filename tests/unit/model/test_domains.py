from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from hatoba.model import certificate, domain
from hatoba.model.certificate import BadCertificate
from tests.unit.model.certificates import NOW, Issuer, key_pem


@pytest.mark.parametrize(
    ("name", "hostname"),
    [
        ("www.example.com", "www.example.com"),
        ("WWW.Example.COM.", "www.example.com"),
        ("*.example.com", "*.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("*.Bücher.example", "*.xn--bcher-kva.example"),
    ],
)
def test_host_names_as_dns_has_them(name: str, hostname: str) -> None:
    assert domain.canonical(name) == hostname
    assert domain.problem(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "*",
        "*.",
        "com",
        "127.0.0.1",
        "a_b.example",
        "-a.example",
        "a..example",
        "www.*.example",
        "http://example.com",
        "example.com:80",
        f"{'a' * 64}.example",
        f"{'a.' * 126}example",
    ],
)
def test_no_host_names(name: str) -> None:
    assert "is not a valid domain name" in (domain.problem(name) or "")


def test_the_platforms_own_names_are_nobodys_domain() -> None:
    assert "belong to the platform" in (domain.problem("other.localhost") or "")


@given(st.text())
def test_a_canonical_name_stays_as_it_is(name: str) -> None:
    hostname = domain.canonical(name)
    assert hostname is None or domain.canonical(hostname) == hostname


def test_wildcards_that_serve_a_host_too() -> None:
    assert domain.covering("a.b.example.com") == ("*.b.example.com", "*.example.com")
    assert domain.covering("*.b.example.com") == ("*.example.com",)
    assert domain.covering("example.com") == ()


def test_a_good_chain() -> None:
    issuer = Issuer("Harbour Authority")
    chain, key = issuer.leaf("www.example.com", "*.example.com")
    facts = certificate.checked(chain + issuer.pem, key, NOW)
    assert facts.domains == ("www.example.com", "*.example.com")
    assert (facts.issuer, facts.self_signed) == ("CN=Harbour Authority", False)
    assert certificate.covers(facts.domains, "shop.example.com")
    assert not certificate.covers(facts.domains, "a.shop.example.com")


def test_what_can_not_be_served() -> None:
    issuer, other = Issuer("One"), Issuer("Two")
    own = ec.generate_private_key(ec.SECP256R1())
    chain, key = issuer.leaf("www.example.com", key=own)
    old, old_key = issuer.leaf("www.example.com", days=-1)
    odd, odd_key = issuer.leaf("www.example.com", key=ec.generate_private_key(ec.SECP256K1()))
    for bad_chain, bad_key, reason in (
        (chain, key_pem(issuer.key), "does not fit"),
        (issuer.pem + chain, key, "wrong order"),
        (chain + other.pem, key, "wrong order or incomplete"),
        (chain, key_pem(own, "secret"), "is encrypted"),
        (old, old_key, "expired on 2026-11-22"),
        (odd, odd_key, "can't serve this kind of key"),
        ("nonsense", key, "certificate is not valid PEM"),
        (chain, "nonsense", "private key is not valid PEM"),
    ):
        with pytest.raises(BadCertificate, match=reason):
            certificate.checked(bad_chain, bad_key, NOW)
