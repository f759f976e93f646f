"""ci:migrate-manifest: app-ci.json, as Heroku once had it, into app.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client.errors import ClientError
from hatoba.kit.files import write_atomic

_OLD, _NEW = Path("app-ci.json"), Path("app.json")


@command("ci:migrate-manifest", "heroku ci:migrate-manifest", app=False)
def migrate(session: Session) -> None:
    """Move what app-ci.json says to environments.test of app.json, in this folder."""
    manifest = _read(_NEW) or {}
    old = _read(_OLD)
    environments = manifest.setdefault("environments", {})
    if not isinstance(environments, dict):
        raise ClientError("environments in app.json is no object. Mend it first.")
    if old is not None:
        if environments.get("test"):
            session.out.warn("app.json had a test environment already: it is replaced.")
        environments["test"] = old
    write_atomic(_NEW, f"{json.dumps(manifest, indent=2)}\n", mode=0o644)
    if old is not None:
        _OLD.unlink()
    session.out.say("app.json is as it should be. Look at it before you commit it.")
    if session.json:
        session.out.json({"file": str(_NEW), "migrated": old is not None})


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ClientError(f"{path} is not valid JSON: {error}. Nothing was changed.") from error
    if not isinstance(found, dict):
        raise ClientError(f"{path} must be a JSON object. Nothing was changed.")
    return found
