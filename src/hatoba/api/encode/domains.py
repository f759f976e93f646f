"""Domains and certificates as the API shows them. A private key is never shown."""

from __future__ import annotations

from hatoba.api.encode.basics import app_named, fixed_id, moment
from hatoba.control.place import Place
from hatoba.model import certificate
from hatoba.model.app import App
from hatoba.model.certificate import SniEndpoint
from hatoba.model.domain import Domain
from hatoba.schema import platform as wire


def own(app: App, place: Place) -> wire.Domain:
    """Return the domain that an app has from the start."""
    return wire.Domain(
        id=fixed_id("domain", str(app.id)),
        app=app_named(app),
        hostname=place.host(app.name),
        kind="heroku",
        cname=None,
        status="none",
        acm_status=None,
        acm_status_reason=None,
        sni_endpoint=None,
        created_at=moment(app.created_at),
        updated_at=moment(app.created_at),
    )


def domain(one: Domain, app: App, place: Place) -> wire.Domain:
    """Return a custom domain. Its DNS target is the app's own name."""
    endpoint = None
    if one.sni_endpoint_id is not None and one.sni_endpoint_name is not None:
        endpoint = wire.Named(str(one.sni_endpoint_id), one.sni_endpoint_name)
    return wire.Domain(
        id=str(one.id),
        app=app_named(app),
        hostname=one.hostname,
        kind="custom",
        cname=place.host(app.name),
        # It was put in force before it was shown to anybody.
        status="succeeded",
        acm_status=one.acm_status,
        acm_status_reason=one.acm_reason,
        sni_endpoint=endpoint,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def sni_endpoint(one: SniEndpoint, app: App, domains: list[Domain]) -> wire.SniEndpoint:
    """Return a certificate."""
    return wire.SniEndpoint(
        id=str(one.id),
        app=app_named(app),
        name=one.name,
        display_name=None,
        certificate_chain=one.chain,
        domains=[str(d.id) for d in domains if d.sni_endpoint_id == one.id],
        ssl_cert=_cert(one),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def _cert(one: SniEndpoint) -> wire.SslCert:
    facts = certificate.facts(one.chain)
    return wire.SslCert(
        id=str(one.id),
        acm=one.acm,
        cert_domains=list(facts.domains),
        issuer=facts.issuer,
        subject=facts.subject,
        starts_at=moment(facts.starts_at),
        expires_at=moment(facts.expires_at),
        ca_signed=not facts.self_signed,
        self_signed=facts.self_signed,
    )
