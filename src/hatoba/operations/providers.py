"""Providers of add-ons: registered by their manifests, given new ones, removed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hatoba.client import addons, providers
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.kit.text import plural
from hatoba.operations.base import Json, Kind, Operation, Review, Row, Ui
from hatoba.schema.hatoba import Check
from hatoba.schema.providers import Manifest


def shown(manifest: Manifest) -> Json:
    """Return what of a manifest people compare, in words: all but its secrets."""
    api = manifest.api
    where = api.production
    base, page = (where, None) if isinstance(where, str) else (where.base_url, where.sso_url)
    return {
        "name": manifest.name or manifest.id,
        "plans": ", ".join(plan.name for plan in manifest.plans),
        "called at": base,
        "page": page or "",
        "config vars": ", ".join(api.config_vars),
        "regions": ", ".join(api.regions),
        "requires": ", ".join(api.requires),
    }


class ProviderOperation(Operation):
    """A change of the platform's providers; its receipt is the account's."""

    def __init__(self, api: Api, provider: str) -> None:
        super().__init__(api, "")
        self.provider = provider

    @property
    def ledger(self) -> str | None:
        """No app's."""
        return None

    @property
    def about(self) -> str:
        """The provider."""
        return self.provider

    def look(self) -> str:
        """Return the command that shows the providers."""
        return "heroku addons:admin"


class PushManifest(ProviderOperation):
    """Registers a provider, or gives it a new manifest."""

    name = "addons:admin:push"

    def __init__(self, api: Api, manifest: Json) -> None:
        try:
            self._manifest = msgspec.convert(manifest, Manifest)
        except msgspec.ValidationError as error:
            raise UsageError(f"That is no add-on manifest: {error}.") from error
        super().__init__(api, self._manifest.id)
        self._raw = manifest

    def review(self) -> Review:
        """Show what is new in it; secrets are neither shown nor compared."""
        there = providers.registered(self.api, self.provider)
        before = shown(there.manifest) if there else {}
        after = shown(self._manifest)
        changed = [name for name in after if before.get(name, "") != after[name]]
        rows = [
            Row("~" if there else "+", name, before.get(name, ""), after[name]) for name in changed
        ]
        using = f" It has {plural(there.addons, 'add-on')} here." if there else ""
        return Review(
            title=f"Add-on provider {self.provider}{'' if there else ', new'}",
            rows=tuple(rows),
            kind=Kind.RISKY if there else Kind.CHANGE,
            why=f"{self.provider} is called as the new manifest says, secrets included.{using}",
            before=before,
            after=after,
            request=self._raw,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Register it."""
        with ui.progress(f"Registering {self.provider}"):
            done = providers.put(self.api, self.provider, review.request)
        for note in done.notes:
            ui.say(note, "yellow")

    def checks(self, review: Review) -> Iterator[Check]:
        """See that its service and plans are offered."""
        del review
        offered = [plan.name for plan in addons.plans(self.api, self.provider)]
        yield Check(f"{', '.join(offered)} can be created", ok=bool(offered), seen="")

    def undo(self, review: Review) -> str | None:
        """Return the command that removes a new one; an old manifest's secrets are not known."""
        return None if review.before else f"heroku addons:admin:remove {self.provider}"


class RemoveProvider(ProviderOperation):
    """Offers a provider's service no more."""

    name = "addons:admin:remove"

    def review(self) -> Review:
        """Show which one goes. Raises UsageError while there are add-ons of it."""
        there = providers.find(self.api, self.provider)
        if there.addons:
            raise UsageError(
                f"{there.id} has {plural(there.addons, 'add-on')} here. Destroy them first; "
                "those of apps in the trash go with their apps."
            )
        return Review(
            title=f"Add-on provider {there.id}",
            rows=(Row("-", there.id, there.name, ""),),
            kind=Kind.RISKY,
            why=f"{there.id} can no longer be created; its manifest and secrets are forgotten.",
            before=shown(there.manifest),
            after={},
            request={"provider": there.id},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Remove it."""
        with ui.progress(f"Removing {review.request['provider']}"):
            providers.remove(self.api, review.request["provider"])

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        left = [one.id for one in providers.listed(self.api)]
        gone = review.request["provider"] not in left
        yield Check(f"{review.request['provider']} is gone", ok=gone, seen="")
