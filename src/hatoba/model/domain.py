"""Domains: the host names by which an app is reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import idna

# Names below it are the apps' own, https://www.rfc-editor.org/rfc/rfc6761#section-6.3
OWN_SUFFIX = "localhost"
# https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
MAX_NAME = 253

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_WILDCARD = "*."


@dataclass(frozen=True)
class Domain:
    """A custom domain of an app. ``sni_endpoint_id`` names the certificate that it is served with.

    ``acm_status`` is what has become of its automatic certificate (None: it has none).
    ``hostname`` is in its ASCII form, lower case, and may begin with ``*.``.
    """

    id: UUID
    app_id: UUID
    hostname: str
    sni_endpoint_id: UUID | None
    sni_endpoint_name: str | None
    created_at: datetime
    updated_at: datetime
    acm_status: str | None = None
    acm_reason: str | None = None


def canonical(name: str) -> str | None:
    """Return a host name as DNS has it, ``bücher.example`` as ``xn--bcher-kva.example``.

    None when it can't be a domain's name.
    """
    text = name.strip().rstrip(".").lower()
    star = _WILDCARD if text.startswith(_WILDCARD) else ""
    try:
        plain = idna.encode(text.removeprefix(star), uts46=True).decode() if text else ""
    except idna.IDNAError:
        return None
    return star + plain if _is_domain(plain, len(star)) else None


def _is_domain(plain: str, more: int) -> bool:
    labels = plain.split(".")
    return (
        len(plain) + more <= MAX_NAME
        and len(labels) > 1
        and not labels[-1].isdigit()
        and all(_LABEL.fullmatch(label) for label in labels)
    )


def problem(name: str, own: str | None = None) -> str | None:
    """Return why this can't be added as a domain, None when it can.

    ``own`` is the platform's public name.
    """
    hostname = canonical(name)
    if hostname is None:
        return f"{name} is not a valid domain name."
    for suffix in filter(None, (OWN_SUFFIX, own)):
        if f".{hostname}".endswith(f".{suffix}"):
            return f"{hostname} can't be added: names below .{suffix} belong to the platform."
    return None


def covering(hostname: str) -> tuple[str, ...]:
    """Return the wildcards that would serve a host name too, the nearest first."""
    labels = hostname.removeprefix(_WILDCARD).split(".")
    first = 0 if hostname.startswith(_WILDCARD) else 1
    wildcards = (_WILDCARD + ".".join(labels[i:]) for i in range(first, len(labels) - 1))
    return tuple(name for name in wildcards if name != hostname)
