"""Calls about domains and their certificates."""

from __future__ import annotations

from urllib.parse import quote

from hatoba.client.api import Api
from hatoba.schema.platform import App, Domain, SniEndpoint


def listed(api: Api, app: str) -> list[Domain]:
    """Return the app's domains, the one that it has from the start among them."""
    return list(api.pages(f"/apps/{app}/domains", Domain))


def find(api: Api, app: str, domain: str) -> Domain:
    """Return one domain by host name or id."""
    return api.get(f"/apps/{app}/domains/{quote(domain, safe='')}", Domain)


def add(
    api: Api, app: str, hostname: str, endpoint: str | None = None, version: int | None = None
) -> Domain:
    """Lead a host name to the app; ``endpoint`` names the certificate to serve it with."""
    body = {"hostname": hostname, "sni_endpoint": endpoint}
    return api.change("POST", f"/apps/{app}/domains", Domain, body=body, version=version)


def update(
    api: Api, app: str, domain: str, endpoint: str | None, version: int | None = None
) -> Domain:
    """Serve a domain with this certificate, or with none of its own."""
    path = f"/apps/{app}/domains/{quote(domain, safe='')}"
    return api.change("PATCH", path, Domain, body={"sni_endpoint": endpoint}, version=version)


def remove(api: Api, app: str, domain: str, version: int | None = None) -> Domain:
    """Lead the host name nowhere any more."""
    path = f"/apps/{app}/domains/{quote(domain, safe='')}"
    return api.change("DELETE", path, Domain, version=version)


def manage(api: Api, app: str, *, on: bool, version: int | None = None) -> App:
    """Begin or end to manage the certificates of the app's domains."""
    return api.change("POST" if on else "DELETE", f"/apps/{app}/acm", App, version=version)


def try_again(api: Api, app: str, version: int | None = None) -> App:
    """Try the domains again whose automatic certificates have failed."""
    body = {"acm_refresh": True}
    return api.change("PATCH", f"/apps/{app}/acm", App, body=body, version=version)


def certificates(api: Api, app: str) -> list[SniEndpoint]:
    """Return the app's certificates."""
    return list(api.pages(f"/apps/{app}/sni-endpoints", SniEndpoint))


def add_certificate(
    api: Api, app: str, chain: str, key: str, version: int | None = None
) -> SniEndpoint:
    """Keep and serve a certificate; both are PEM."""
    body = {"certificate_chain": chain, "private_key": key}
    path = f"/apps/{app}/sni-endpoints"
    return api.change("POST", path, SniEndpoint, body=body, version=version)


def update_certificate(
    api: Api, app: str, name: str, pair: tuple[str, str], version: int | None = None
) -> SniEndpoint:
    """Serve another certificate, a pair of chain and key, in place of one."""
    body = {"certificate_chain": pair[0], "private_key": pair[1]}
    path = f"/apps/{app}/sni-endpoints/{quote(name, safe='')}"
    return api.change("PATCH", path, SniEndpoint, body=body, version=version)


def remove_certificate(api: Api, app: str, name: str, version: int | None = None) -> SniEndpoint:
    """Serve a certificate no more."""
    path = f"/apps/{app}/sni-endpoints/{quote(name, safe='')}"
    return api.change("DELETE", path, SniEndpoint, version=version)
