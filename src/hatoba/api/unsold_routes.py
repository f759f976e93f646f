"""The routes of what only Heroku sells, as in ``routes``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hatoba.api.access import ACCOUNT, IDENTITY, READ, WRITE
from hatoba.api.call import Answer, Call
from hatoba.api.endpoint import Route
from hatoba.api.resources import absent, unsold

_SPACE = "/spaces/{space}"
_ENTERPRISE = "/enterprise-accounts/{enterprise}"


def _below(base: str, paths: str, handler: Callable[[Call], Awaitable[Answer]]) -> list[Route[Any]]:
    """Return a route for each ``METHOD path`` below ``base``, all with one answer."""
    found: list[Route[Any]] = []
    for line in paths.split("\n"):
        method, _, path = line.strip().partition(" ")
        found.append(Route(method, base + path, READ if method == "GET" else WRITE, handler))
    return found


_OF_A_SPACE = """GET
PATCH
DELETE
POST /transfer
GET /nat
GET /topology
GET /members
GET /members/{member}
PATCH /members/{member}
GET /inbound-ruleset
PUT /inbound-ruleset
GET /inbound-rulesets
GET /inbound-rulesets/{ruleset}
GET /peering-info
GET /peerings
GET /peerings/{peering}
DELETE /peerings/{peering}
POST /peerings/{peering}/actions/accept
GET /telemetry-drains
GET /vpn-connections
POST /vpn-connections
GET /vpn-connections/{vpn}
PATCH /vpn-connections/{vpn}
DELETE /vpn-connections/{vpn}"""
_OF_AN_ENTERPRISE = """GET
PATCH
GET /archives
GET /archives/{year}/{month}
GET /events
GET /members
POST /members
PATCH /members/{member}
DELETE /members/{member}
GET /teams
POST /teams
GET /usage/daily
GET /usage/monthly"""

UNSOLD: tuple[Route[Any], ...] = (
    Route("GET", "/spaces", READ, absent.none, "spaces"),
    Route("POST", "/spaces", WRITE, unsold.no_new_space, "spaces:create"),
    *_below(_SPACE, _OF_A_SPACE, unsold.no_space),
    Route("GET", "/enterprise-accounts", READ, absent.none),
    *_below(_ENTERPRISE, _OF_AN_ENTERPRISE, unsold.no_enterprise),
    Route("GET", "/account/credits", IDENTITY, absent.none),
    Route("POST", "/account/credits", ACCOUNT, unsold.no_new_credit),
    Route("GET", "/account/credits/{credit}", IDENTITY, unsold.no_credit),
    Route("GET", "/account/invoices", IDENTITY, absent.none),
    Route("GET", "/account/invoices/{invoice}", IDENTITY, unsold.no_invoice),
    Route("GET", "/account/invoice-address", IDENTITY, unsold.no_address),
    Route("PUT", "/account/invoice-address", ACCOUNT, unsold.no_new_address),
    Route("GET", "/users/{user}/sms-number", IDENTITY, unsold.no_number),
    Route("POST", "/users/{user}/sms-number/actions/recover", ACCOUNT, unsold.no_number),
    Route("POST", "/users/{user}/sms-number/actions/confirm", ACCOUNT, unsold.no_number),
)
