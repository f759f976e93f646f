"""A team with an app, and somebody in every standing to it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.contract.api_platform import Api

ROLES = ("member", "viewer")
PERMISSIONS = ("view", "deploy", "operate", "manage")
EVERYBODY = ("admin", *ROLES, *PERMISSIONS, "outsider")


@dataclass(frozen=True)
class Crew:
    """``by`` has a client for ``admin``, each role and each single permission, ``outsider``."""

    team: str
    app: str
    by: dict[str, Api]


def public_key(comment: str = "ada@buoy") -> str:
    """Return a new public SSH key as it stands in a file."""
    made = Ed25519PrivateKey.generate().public_key()
    line = made.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return f"{line} {comment}"


async def crew(api: Api) -> Crew:
    """Make a team and an app of it; collaborators have one permission each, besides view."""
    team = f"t-{uuid4().hex[:10]}"
    assert (await api("POST", "/teams", {"name": team})).status == 201
    made = await api("POST", "/teams/apps", {"team": team, "name": f"a-{uuid4().hex[:12]}"})
    assert made.status == 201, made
    app = str(made.json["name"])
    by = {name: await api.stranger() for name in EVERYBODY if name != "admin"}
    for role in ROLES:
        body = {"email": by[role].account.email, "role": role}
        assert (await api("PUT", f"/teams/{team}/members", body)).status == 201
    for permission in PERMISSIONS:
        share = {"user": by[permission].account.email, "permissions": [permission]}
        got = await api("POST", f"/teams/apps/{app}/collaborators", share)
        assert got.status == 201, got
    return Crew(team, app, {**by, "admin": api})
