"""Certificates of apps' own, answered by a real Envoy by server name."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509

from hatoba.model.route import ServedCertificate
from tests.contract.router_rig import Rig, answer, dyno, rig, route
from tests.unit.model.certificates import Issuer

HOST = "www.harbour.example"


@pytest.fixture
async def router() -> AsyncIterator[Rig]:
    async with rig() as made:
        await made.router.load([])
        yield made


@pytest.fixture
def issuer() -> Issuer:
    return Issuer("Harbour Authority", datetime.now(UTC))


def served(issuer: Issuer, *hosts: str) -> ServedCertificate:
    chain, key = issuer.leaf(*hosts)
    return ServedCertificate("endpoint-1", hosts, chain.encode(), key.encode())


async def shown(router: Rig, host: str) -> list[str]:
    """Return the names in the certificate that TLS for a host is answered with."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection(
        "127.0.0.1", router.place.port, ssl=context, server_hostname=host
    )
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    names = x509.load_der_x509_certificate(found).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    return names.value.get_values_for_type(x509.DNSName)


async def test_a_host_is_answered_with_its_own_certificate(router: Rig, issuer: Issuer) -> None:
    certificate = served(issuer, HOST, "*.quay.example")
    async with dyno(answer(b"hello")) as web:
        plain = route(web)
        secured = replace(
            plain, hosts=(*plain.hosts, *certificate.hosts), certificates=(certificate,)
        )
        await router.router.publish(secured)
        assert await shown(router, HOST) == [HOST, "*.quay.example"]
        assert await shown(router, "a.quay.example") == [HOST, "*.quay.example"]
        assert "localhost" in await shown(router, "localhost")
        assert (await router.get(HOST)).body == b"hello"
        assert (await router.get(tls=True)).body == b"hello"
        await router.router.publish(plain)
        assert "localhost" in await shown(router, HOST)
    assert router.notices == []


async def test_a_changed_certificate_cuts_no_connection(router: Rig, issuer: Issuer) -> None:
    arrived, finish = asyncio.Event(), asyncio.Event()

    async def slow(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await finish.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nold")

    async with dyno(slow) as web:
        await router.router.publish(route(web))
        request = asyncio.create_task(router.get(tls=True))
        await arrived.wait()
        for hosts in ((HOST,), (HOST, "b.example"), (HOST,)):
            secured = replace(route(web), certificates=(served(issuer, *hosts),))
            await router.router.publish(secured)
            assert await shown(router, HOST) == list(hosts)
        finish.set()
        assert (await request).body == b"old"


async def test_a_host_has_the_certificate_of_the_app_published_last(
    router: Rig, issuer: Issuer
) -> None:
    first = replace(route(), certificates=(served(issuer, HOST),))
    second = replace(served(issuer, HOST, "b.example"), id="endpoint-2")
    await router.router.publish(first)
    await router.router.publish(replace(route(key="another", app="quay"), certificates=(second,)))
    assert await shown(router, HOST) == [HOST, "b.example"]
    await router.router.withdraw("another")
    assert "localhost" in await shown(router, HOST)
    assert router.notices == []
