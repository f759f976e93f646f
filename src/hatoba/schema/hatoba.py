"""Resources of Hatoba's own, below ``/hatoba``: status, plans, receipts, fingerprints, trash.

Headers of Hatoba's own:

* ``Hatoba-Version`` on answers about one app: the version of its state.
* ``Hatoba-If-Version`` on a request: carry it out only if the state still has that version,
  otherwise 409 ``stale_review``.
* ``Hatoba-Mask: fingerprint`` on config var requests: answer with masked values; the answer
  has ``Hatoba-Masked: fingerprint`` when the values were masked by the platform.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hatoba.schema.platform import Named

VERSION_HEADER = "Hatoba-Version"
IF_VERSION_HEADER = "Hatoba-If-Version"
MASK_HEADER = "Hatoba-Mask"
MASKED_HEADER = "Hatoba-Masked"


class Component(msgspec.Struct, frozen=True):
    """A part of the platform and how it is: ``state`` is up, starting or down."""

    name: str
    state: str
    detail: str
    pid: int | None = None
    memory: int | None = None


class Status(msgspec.Struct, frozen=True):
    """``GET /hatoba/status``: ready is true when every component is up. ``notices`` are whole

    sentences that an operator must read (no isolation, disk almost full), ``alarms`` those on
    what failed and needs somebody (a daily backup). ``images`` are the bytes of the registry.
    """

    version: str
    ready: bool
    components: list[Component]
    notices: list[str]
    apps: int
    dynos: int
    alarms: list[str] = []
    images: int = 0


class Registry(msgspec.Struct, frozen=True):
    """``GET /hatoba/apps/{app}/registry``: bytes of images that releases of the app run, of all

    others, and how many those may be.
    """

    released: int
    unreleased: int
    most_unreleased: int


class Checked(msgspec.Struct, frozen=True):
    """``POST /hatoba/apps/{app}/checks/…``: it would be taken; ``good`` is how it would be kept."""

    good: str


class PlanRequest(msgspec.Struct, frozen=True):
    """``POST /hatoba/apps/{app}/plans``. ``digest`` is sha256 over the exact request."""

    operation: str
    app_version: int
    digest: str
    review: dict[str, Any]


class Plan(msgspec.Struct, frozen=True):
    """A review that was printed and may be applied once, until it expires."""

    id: str
    app: Named
    app_version: int
    operation: str
    digest: str
    review: dict[str, Any]
    expires_at: str
    used_at: str | None


class Check(msgspec.Struct, frozen=True):
    """One look at the world and what was seen."""

    what: str
    ok: bool
    seen: str


class ReceiptRequest(msgspec.Struct, frozen=True):
    """``POST /hatoba/apps/{app}/receipts``: what a client asked, saw before and after.

    ``POST /hatoba/receipts`` is for a change of no app's; ``about`` names what it was of.
    """

    operation: str
    before: dict[str, Any]
    after: dict[str, Any]
    checks: list[Check]
    verified: bool
    undo: str | None = None
    about: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """One entry of the audit trail: an app's, or an account's on a team, a key and so on.

    ``about`` is the app's name, or that of what else was changed.
    """

    id: str
    app: str | None
    about: str
    operation: str
    user: str
    before: dict[str, Any]
    after: dict[str, Any]
    checks: list[Check]
    verified: bool
    undo: str | None
    created_at: str


class FingerprintRequest(msgspec.Struct, frozen=True):
    """``POST /hatoba/apps/{app}/fingerprints``: values to be fingerprinted with the app's key."""

    values: dict[str, str]


class Fingerprints(msgspec.Struct, frozen=True):
    """The fingerprints by the same names."""

    fingerprints: dict[str, str]


class Trashed(msgspec.Struct, frozen=True):
    """A destroyed app that ``POST /hatoba/trash/{id}/actions/restore`` brings back."""

    id: str
    name: str
    owner: str
    destroyed_at: str
    until: str


class DrainDelivery(msgspec.Struct, frozen=True):
    """How a log drain's lines fare: how many it took since the daemon's start, or why not."""

    delivered: int
    problem: str | None
