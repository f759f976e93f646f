"""Resources of Platform API v3 (https://devcenter.heroku.com/articles/platform-api-reference).

Times are RFC 3339 text in UTC, ids are lower-case UUID text, sizes are bytes.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Named(msgspec.Struct, frozen=True):
    """A reference by id and name."""

    id: str
    name: str


class User(msgspec.Struct, frozen=True):
    """A reference to an account."""

    id: str
    email: str


class Numbered(msgspec.Struct, frozen=True):
    """A reference to a release."""

    id: str
    version: int


class Reference(msgspec.Struct, frozen=True):
    """A reference by id alone."""

    id: str


class Error(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every answer with a status of 400 or more."""

    id: str
    message: str
    url: str | None = None
    resource: str | None = None
    app: dict[str, str] | None = None


class Account(msgspec.Struct, frozen=True):
    """The account that the token acts for."""

    id: str
    email: str
    name: str | None
    created_at: str
    updated_at: str
    allow_tracking: bool = False
    beta: bool = False
    federated: bool = False
    verified: bool = True
    two_factor_authentication: bool = False
    country_of_residence: str | None = None
    default_organization: Named | None = None
    default_team: Named | None = None
    delinquent_at: str | None = None
    identity_provider: dict[str, Any] | None = None
    last_login: str | None = None
    sms_number: str | None = None
    suspended_at: str | None = None


class Person(msgspec.Struct, frozen=True):
    """An account as administrators see it."""

    id: str
    email: str
    name: str | None
    admin: bool
    two_factor_authentication: bool
    created_at: str
    updated_at: str


class App(msgspec.Struct, frozen=True):
    """An app."""

    id: str
    name: str
    owner: User
    region: Named
    stack: Named
    build_stack: Named
    generation: Named
    maintenance: bool
    git_url: str
    web_url: str
    created_at: str
    updated_at: str
    released_at: str | None
    archived_at: str | None
    buildpack_provided_description: str | None
    repo_size: int | None
    slug_size: int | None
    acm: bool = False
    internal_routing: bool | None = None
    organization: Named | None = None
    team: Named | None = None
    space: dict[str, Any] | None = None
    process_tier: str = "production"


class Collaborator(msgspec.Struct, frozen=True):
    """Somebody else's access to an app."""

    id: str
    app: Named
    user: dict[str, Any]
    role: str | None
    permissions: list[dict[str, str]]
    created_at: str
    updated_at: str


class Dyno(msgspec.Struct, frozen=True):
    """A running (or crashed) dyno."""

    id: str
    name: str
    type: str
    size: str
    state: str
    command: str
    app: Named
    release: Numbered
    created_at: str
    updated_at: str
    attach_url: str | None = None


class Formation(msgspec.Struct, frozen=True):
    """One process type with its quantity and size."""

    id: str
    app: Named
    type: str
    command: str
    quantity: int
    size: str
    dyno_size: Named
    created_at: str
    updated_at: str


class ContainerFormation(Formation, frozen=True, kw_only=True):
    """The same with the id of its image, for those who ask for ``docker-releases``."""

    docker_image: str | None


class Release(msgspec.Struct, frozen=True):
    """One release."""

    id: str
    app: Named
    version: int
    description: str
    status: str
    current: bool
    user: User
    slug: Reference | None
    artifacts: list[dict[str, str]]
    addon_plan_names: list[str]
    output_stream_url: str | None
    eligible_for_rollback: bool
    created_at: str
    updated_at: str
    oci_image: Reference | None = None


class Buildpack(msgspec.Struct, frozen=True):
    """A buildpack by URL, and by name where it has one."""

    url: str
    name: str | None = None


class BuildpackInstallation(msgspec.Struct, frozen=True):
    """A buildpack at its place in the order."""

    ordinal: int
    buildpack: Buildpack


class SourceBlob(msgspec.Struct, frozen=True):
    """Where a build's source comes from."""

    url: str | None = None
    version: str | None = None
    checksum: str | None = None
    version_description: str | None = None


class Build(msgspec.Struct, frozen=True):
    """One build."""

    id: str
    app: Reference
    buildpacks: list[Buildpack] | None
    output_stream_url: str
    source_blob: SourceBlob
    release: Reference | None
    slug: Reference | None
    stack: str
    status: str
    user: User
    created_at: str
    updated_at: str
    generation: str = "cedar"


class Blob(msgspec.Struct, frozen=True):
    """Where a slug's archive is, and how to get it."""

    method: str
    url: str


class Slug(msgspec.Struct, frozen=True):
    """What a build made."""

    id: str
    blob: Blob
    checksum: str | None
    commit: str | None
    commit_description: str | None
    process_types: dict[str, str]
    size: int | None
    stack: Named
    buildpack_provided_description: str | None
    created_at: str
    updated_at: str


class LogSession(msgspec.Struct, frozen=True):
    """Where to read logs from."""

    id: str
    logplex_url: str
    created_at: str
    updated_at: str


class Authorization(msgspec.Struct, frozen=True):
    """A token's record; ``access_token.token`` is whole only in the answer that creates it."""

    id: str
    description: str
    scope: list[str]
    access_token: dict[str, Any] | None
    user: dict[str, Any] | None
    created_at: str
    updated_at: str
    client: dict[str, Any] | None = None
    grant: dict[str, Any] | None = None
    refresh_token: dict[str, Any] | None = None
    session: dict[str, Any] | None = None


class OAuthToken(msgspec.Struct, frozen=True):
    """A client's tokens, shown once; ``expires_in`` is seconds."""

    id: str
    access_token: dict[str, Any]
    refresh_token: dict[str, Any]
    authorization: dict[str, str]
    user: dict[str, str]
    created_at: str
    updated_at: str
    client: dict[str, str] | None = None
    grant: dict[str, str] = {}
    session: dict[str, str] = {}


class OAuthClient(msgspec.Struct, frozen=True):
    """A program that acts for accounts."""

    id: str
    name: str
    redirect_uri: str
    secret: str
    created_at: str
    updated_at: str
    ignores_delinquent: bool | None = None


class Key(msgspec.Struct, frozen=True):
    """A public SSH key."""

    id: str
    comment: str
    email: str
    fingerprint: str
    public_key: str
    created_at: str
    updated_at: str


class AppTransfer(msgspec.Struct, frozen=True):
    """An app that is offered to another account."""

    id: str
    app: Named
    owner: User
    recipient: User
    state: str
    created_at: str
    updated_at: str


class Stack(msgspec.Struct, frozen=True):
    """A stack."""

    id: str
    name: str
    state: str
    default: bool
    created_at: str
    updated_at: str


class Region(msgspec.Struct, frozen=True):
    """A region."""

    id: str
    name: str
    country: str
    description: str
    locale: str
    private_capable: bool
    provider: dict[str, str]
    created_at: str
    updated_at: str


class DynoSize(msgspec.Struct, frozen=True):
    """A dyno size; ``memory`` is GB."""

    id: str
    name: str
    memory: float
    compute: int
    dedicated: bool
    cost: dict[str, Any] | None
    architecture: str
    generation: Named
    precise_dyno_units: float
    private_space_only: bool


class LogDrain(msgspec.Struct, frozen=True):
    """Where an app's lines are sent on to; ``token`` is by which the receiver knows it."""

    id: str
    app: Named
    addon: Named | None
    url: str
    token: str
    created_at: str
    updated_at: str


class Domain(msgspec.Struct, frozen=True):
    """A host name that leads to an app; ``kind`` is heroku for the one it has from the start."""

    id: str
    app: Named
    hostname: str
    kind: str
    cname: str | None
    status: str
    acm_status: str | None
    acm_status_reason: str | None
    sni_endpoint: Named | None
    created_at: str
    updated_at: str


class SslCert(msgspec.Struct, frozen=True):
    """What a certificate says of itself."""

    id: str
    acm: bool
    cert_domains: list[str]
    issuer: str
    subject: str
    starts_at: str
    expires_at: str
    ca_signed: bool = msgspec.field(name="ca_signed?")
    self_signed: bool = msgspec.field(name="self_signed?")


class SniEndpoint(msgspec.Struct, frozen=True):
    """A certificate of an app and the ids of the domains that are served with it."""

    id: str
    app: Named
    name: str
    display_name: str | None
    certificate_chain: str
    domains: list[str]
    ssl_cert: SslCert
    created_at: str
    updated_at: str
