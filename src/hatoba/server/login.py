"""The first account, and the file by which its owner's clients are logged in."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

from hatoba import errors
from hatoba.auth import accounts, authorizations
from hatoba.auth.tokens import Tokens
from hatoba.control.platform import Platform
from hatoba.kit.files import write_atomic
from hatoba.settings import Settings

_DESCRIPTION = "hatoba up"


async def log_in_owner(p: Platform, tokens: Tokens, chosen: Settings, ca: Path) -> None:
    """Make the first account, once, and keep a valid token for it in ``login.json`` (mode 600)."""
    path = chosen.data_dir / "login.json"
    account = await accounts.first(p.store)
    if account is None:
        account = await accounts.create(p.store, f"{getpass.getuser()}@localhost", admin=True)
    token = await _valid(path, tokens)
    if token is None:
        _, token = await authorizations.issue(p.store, account, description=_DESCRIPTION)
    login = {"api_url": p.place.api_url, "email": account.email, "token": token, "ca": str(ca)}
    write_atomic(path, json.dumps(login))


async def _valid(path: Path, tokens: Tokens) -> str | None:
    try:
        token: str = json.loads(path.read_text())["token"]
        await tokens.identify(token)
    except (OSError, ValueError, KeyError, errors.Unauthorized):
        return None
    return token
