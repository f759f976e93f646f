"""Switching automatic certificates on and off, and trying again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hatoba.client import apps, domains
from hatoba.client.api import Api
from hatoba.operations import domains_world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import App, Domain

ISSUED, FAILED = "cert issued", "failed"
_OVER = (ISSUED, "failing", FAILED)
# An authority takes seconds, but may be waited for by others of its customers first.
WAIT_SECONDS = 300.0
_WORDS = {True: "enabled", False: "disabled"}


class Automatic(Operation):
    """Begins or ends to manage the certificates of an app's domains.

    With ``wait`` verification waits until each domain has its certificate or is refused one.
    """

    def __init__(
        self, api: Api, app: str, *, on: bool, wait: bool = False, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self.name = f"certs:auto:{'enable' if on else 'disable'}"
        self._on = on
        self._wait = wait

    def review(self) -> Review:
        """Show which domains it is about."""
        app, version = apps.reviewed(self.api, self.app)
        managed = _managed(self.api, self.app)
        before, after = _WORDS[app.acm], _WORDS[self._on]
        return Review(
            title=f"{app.name}: automatic certificates are {before}.",
            rows=tuple(_rows(managed, app, on=self._on)) if before != after else (),
            kind=Kind.CHANGE if self._on else Kind.DESTRUCTIVE,
            why=f"The automatic certificates of {app.name} are removed: browsers will warn "
            "visitors of its domains.",
            before={"acm": app.acm},
            after={"acm": self._on},
            request={"acm": self._on},
            version=version,
            nothing=f"Automatic certificates are already {after}." if before == after else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Switch it."""
        what = "Enabling" if self._on else "Disabling"
        with ui.progress(f"{what} Automatic Certificate Management"):
            domains.manage(self.api, self.app, on=self._on, version=review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back; with ``wait`` look at what visitors are shown."""
        app = apps.find(self.api, self.app)
        yield Check(
            f"automatic certificates are {_WORDS[app.acm]}", ok=app.acm is self._on, seen=""
        )
        if not self._on:
            left = [e for e in domains.certificates(self.api, self.app) if e.ssl_cert.acm]
            seen = f"{len(left)} are" if left else ""
            yield Check("none of them is kept", ok=not left, seen=seen)
        elif self._wait:
            yield from issued(self.api, app, self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that ends it; the certificates that were removed are gone."""
        del review
        return f"heroku certs:auto:disable -a {self.app}" if self._on else None

    def look(self) -> str:
        """Return the command that shows each domain's status."""
        return f"heroku certs:auto -a {self.app}"


class TryAgain(Operation):
    """Asks the authority again for the domains that have failed."""

    name = "certs:auto:refresh"

    def review(self) -> Review:
        """Show which domains are tried again."""
        app, version = apps.reviewed(self.api, self.app)
        failing = [d for d in _managed(self.api, self.app) if d.acm_status in ("failing", FAILED)]
        return Review(
            title=f"{app.name}: automatic certificates are {_WORDS[app.acm]}.",
            rows=tuple(Row("~", d.hostname, d.acm_status or "", "pending") for d in failing),
            kind=Kind.CHANGE,
            before={d.hostname: d.acm_status for d in failing},
            after={d.hostname: "pending" for d in failing},
            request={"acm_refresh": True},
            version=version,
            nothing="No domain has failed." if app.acm and not failing else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Ask for it."""
        with ui.progress("Refreshing Automatic Certificate Management"):
            domains.try_again(self.api, self.app, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """See that each was looked at."""
        for hostname in review.before:
            found = self.pace.until(
                lambda name=hostname: domains.find(self.api, self.app, name),  # type: ignore[misc]
                lambda seen: seen.acm_status in _OVER,
                WAIT_SECONDS,
            )
            yield _told(found)

    def look(self) -> str:
        """Return the command that shows each domain's status."""
        return f"heroku certs:auto -a {self.app}"


def issued(api: Api, app: App, pace: Pace) -> Iterator[Check]:
    """Wait for the certificate of each managed domain, and see that visitors get it."""
    found = pace.until(lambda: _managed(api, app.name), _are_over, WAIT_SECONDS)
    for domain in found:
        yield _told(domain)
        if domain.acm_status == ISSUED and domain.sni_endpoint is not None:
            yield _shown(api, app, domain)


def _shown(api: Api, app: App, domain: Domain) -> Check:
    name = domain.sni_endpoint.name if domain.sni_endpoint else ""
    chains = {e.name: e.certificate_chain for e in domains.certificates(api, app.name)}
    return domains_world.certified(app, domain.hostname, chains[name])


def _told(domain: Domain) -> Check:
    good = domain.acm_status == ISSUED
    seen = "" if good else f"{domain.acm_status}: {domain.acm_status_reason or 'no reason given'}"
    return Check(f"{domain.hostname} has a certificate", ok=good, seen=seen)


def _are_over(found: Sequence[Domain]) -> bool:
    return all(domain.acm_status in _OVER for domain in found)


def _managed(api: Api, app: str) -> list[Domain]:
    """Return the custom domains without a certificate of the app's own."""
    own = {e.id for e in domains.certificates(api, app) if not e.ssl_cert.acm}
    custom = [d for d in domains.listed(api, app) if d.kind == "custom"]
    return [d for d in custom if d.sni_endpoint is None or d.sni_endpoint.id not in own]


def _rows(managed: Sequence[Domain], app: App, *, on: bool) -> Iterator[Row]:
    yield Row("~", "automatic certificates", _WORDS[app.acm], _WORDS[on])
    for domain in managed:
        if on and domain.hostname.startswith("*."):
            yield Row(" ", domain.hostname, "needs a certificate of your own", "")
        elif on:
            yield Row("+", f"certificate of {domain.hostname}", "", "")
        elif domain.sni_endpoint is not None:
            yield Row("-", f"certificate of {domain.hostname}", "", "")
