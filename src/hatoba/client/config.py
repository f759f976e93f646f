"""Calls about config vars. Unless asked to reveal, values never leave this module.

A Hatoba masks them itself, so that they don't even travel; Heroku's are masked here,
with a key derived from the token, so that two looks by one person can be compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from hatoba.client.api import Api, decode, reviewed
from hatoba.client.errors import ApiError
from hatoba.client.transport import Response
from hatoba.kit.secret import DOTS, fingerprint
from hatoba.schema.hatoba import MASK_HEADER, MASKED_HEADER, FingerprintRequest, Fingerprints

# Sent along, it has a Hatoba answer with fingerprints instead of values.
MASK = {MASK_HEADER: "fingerprint"}


def revealed(api: Api, app: str) -> dict[str, str]:
    """Return the config vars with their values."""
    return api.get(f"/apps/{app}/config-vars", dict[str, str])


def fingerprints(api: Api, app: str) -> dict[str, str]:
    """Return the config vars' names with their values' fingerprints."""
    return marks(api, api.send("GET", f"/apps/{app}/config-vars", headers=MASK))


def of_release(api: Api, app: str, release: str) -> dict[str, str]:
    """Return a release's config vars as fingerprints; none where it keeps none."""
    path = f"/apps/{app}/releases/{release}/config-vars"
    try:
        return marks(api, api.send("GET", path, headers=MASK))
    except ApiError as error:
        if error.status == 404:
            return {}
        raise


def expected(api: Api, app: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return the fingerprints that these values will have once they are set."""
    if api.target.is_heroku:
        return {name: fingerprint(_key(api), value) for name, value in values.items()}
    request = FingerprintRequest(dict(values))
    path = f"/hatoba/apps/{app}/fingerprints"
    return api.change("POST", path, Fingerprints, body=request).fingerprints


def change(
    api: Api, app: str, changes: Mapping[str, str | None], version: int | None = None
) -> None:
    """Set and unset (None) config vars; makes a release."""
    path = f"/apps/{app}/config-vars"
    api.send("PATCH", path, body=dict(changes), headers={**MASK, **reviewed(version)})


def mark(digits: str) -> str:
    """Return a fingerprint as it is shown in place of a value."""
    return f"{DOTS} {digits}".rstrip()


def marks(api: Api, answer: Response) -> dict[str, str]:
    """Return the fingerprints that an answer with config vars holds, or else make them."""
    values = decode(answer, dict[str, str])
    if MASKED_HEADER.lower() in answer.headers:
        return {name: value.removeprefix(DOTS).strip() for name, value in values.items()}
    return {name: fingerprint(_key(api), value) for name, value in values.items()}


def _key(api: Api) -> bytes:
    return hashlib.sha256(f"mark:{api.target.token}".encode()).digest()
