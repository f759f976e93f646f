"""addons:admin: providers of add-ons elsewhere, for the platform's administrator."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, consent
from hatoba.cli.session import Session
from hatoba.client import providers
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.providers import PushManifest, RemoveProvider

MANIFEST = "addon-manifest.json"


@command("addons:admin", "heroku addons:admin", app=False)
def listing(session: Session) -> None:
    """List the add-on providers that this platform offers besides its own services."""
    found = providers.listed(session.api)
    if session.json:
        session.out.json(found)
        return
    if not found:
        session.out.say(
            f"No add-on providers. Register one by its manifest: "
            f"heroku addons:admin:push {MANIFEST}"
        )
        return
    rows = [
        (one.id, one.name, ", ".join(p.name for p in one.manifest.plans), str(one.addons))
        for one in found
    ]
    session.out.table(rows, ("Slug", "Name", "Plans", "Add-ons"))


@command("addons:admin:info", "heroku addons:admin:info acme-search", app=False)
@click.argument("provider")
def info(session: Session, provider: str) -> None:
    """Print a provider's manifest, without its secrets."""
    found = providers.find(session.api, provider)
    if session.json:
        session.out.json(found)
        return
    manifest = msgspec.json.format(msgspec.json.encode(found.manifest), indent=2)
    session.out.data(manifest.decode())
    for note in found.notes:
        session.out.warn(note)


@command("addons:admin:push", f"heroku addons:admin:push {MANIFEST}", app=False)
@click.argument(
    "manifest", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@consent
def push(session: Session, *, manifest: Path | None, given: Consent) -> int:
    """Register an add-on provider by its manifest, or give it a new one."""
    operation = PushManifest(session.api, _read(manifest or Path(MANIFEST)))
    return carry_out(session, operation, given).exit_code


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{path} is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path} is no add-on manifest: it must be a JSON object.")
    return found


@command("addons:admin:remove", "heroku addons:admin:remove acme-search", app=False)
@click.argument("provider")
@consent
def remove(session: Session, *, provider: str, given: Consent) -> int:
    """Offer a provider's add-ons no more; there may be none of it."""
    return carry_out(session, RemoveProvider(session.api, provider), given).exit_code
