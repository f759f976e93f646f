"""Adding, replacing and removing certificates."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import apps, checks, domains
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations import domains_world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import SniEndpoint


def pick(api: Api, app: str, name: str | None) -> SniEndpoint:
    """Return the certificate of that name, or the only one. Raises UsageError."""
    there = domains.certificates(api, app)
    if name is None and len(there) == 1:
        return there[0]
    for endpoint in there:
        if name in (endpoint.name, endpoint.id):
            return endpoint
    if not there:
        raise UsageError(f"{app} has no certificates. Add one: heroku certs:add CRT KEY -a {app}")
    names = ", ".join(endpoint.name for endpoint in there)
    raise UsageError(f"Choose one of {app}'s certificates with --name: {names}")


class PutCertificate(Operation):
    """Adds a certificate, or with ``name`` serves another one in its place.

    ``pair`` is the chain and the private key, both PEM.
    """

    def __init__(
        self,
        api: Api,
        app: str,
        pair: tuple[str, str],
        *,
        replaces: SniEndpoint | None = None,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, app, pace=pace)
        self.name = "certs:update" if replaces else "certs:add"
        self._pair = pair
        self._replaces = replaces
        self.made: SniEndpoint | None = None

    def review(self) -> Review:
        """Show the certificates that there are."""
        app, version = apps.reviewed(self.api, self.app)
        checks.certificate(self.api, app.name, *self._pair)
        there = [e.name for e in domains.certificates(self.api, self.app)]
        old = self._replaces
        name = old.name if old else "a new certificate"
        row = Row("~", name, _ends(old), "the given one") if old else Row("+", name, "", "")
        return Review(
            title=f"{app.name} certificates: {', '.join(there) or 'none'}",
            rows=(row,),
            kind=Kind.RISKY if self._replaces else Kind.CHANGE,
            why=f"Visitors get another certificate in place of {name}.",
            before={"certificates": there},
            after={"certificates": there if self._replaces else [*there, name]},
            request={"certificate_chain": self._pair[0], "private_key": self._pair[1]},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Send it."""
        pair = review.request["certificate_chain"], review.request["private_key"]
        if self._replaces:
            name = self._replaces.name
            with ui.progress(f"Updating SSL certificate {name} for {self.app}"):
                self.made = domains.update_certificate(
                    self.api, self.app, name, pair, review.version
                )
        else:
            with ui.progress(f"Adding SSL certificate to {self.app}"):
                self.made = domains.add_certificate(self.api, self.app, *pair, review.version)
        if not self.made.domains:
            ui.say(
                "No domain is served with it yet: "
                f"heroku domains:update DOMAIN --cert {self.made.name} -a {self.app}"
            )

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, and see that visitors of its domains get it and it is for them."""
        del review
        if (made := self.made) is None:
            return
        there = {e.name: e for e in domains.certificates(self.api, self.app)}
        found = there.get(made.name)
        good = found is not None and found.certificate_chain == self._pair[0]
        yield Check(f"{made.name} is kept, {_ends(made)}", ok=good, seen="")
        app = apps.find(self.api, self.app)
        for domain in domains.listed(self.api, self.app):
            if domain.id in made.domains:
                yield from domains_world.secured(app, domain.hostname, made)

    def undo(self, review: Review) -> str | None:
        """Return the command that removes a new one."""
        del review
        if self._replaces or self.made is None:
            return None
        return f"heroku certs:remove --name {self.made.name} -a {self.app}"

    def look(self) -> str:
        """Return the command that shows each domain's certificate."""
        return f"heroku domains -a {self.app}"


class RemoveCertificate(Operation):
    """Serves a certificate no more."""

    name = "certs:remove"

    def __init__(
        self, api: Api, app: str, endpoint: SniEndpoint, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._endpoint = endpoint

    def review(self) -> Review:
        """Show which one goes."""
        app, version = apps.reviewed(self.api, self.app)
        there = [e.name for e in domains.certificates(self.api, self.app)]
        name = self._endpoint.name
        served = len(self._endpoint.domains)
        return Review(
            title=f"{app.name} certificates: {', '.join(there)}",
            rows=(Row("-", name, "", ""),),
            kind=Kind.RISKY,
            why=f"{served} of {app.name}'s domains lose their certificate {name}.",
            before={"certificates": there},
            after={"certificates": [one for one in there if one != name]},
            request={"sni_endpoint": name},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Remove it."""
        name = review.request["sni_endpoint"]
        with ui.progress(f"Removing SSL certificate {name} from {self.app}"):
            domains.remove_certificate(self.api, self.app, name, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back, and see that visitors of its domains get it no more."""
        name = review.request["sni_endpoint"]
        left = {e.name for e in domains.certificates(self.api, self.app)}
        yield Check(f"{name} is gone", ok=name not in left, seen="")
        app, chain = apps.find(self.api, self.app), self._endpoint.certificate_chain
        for domain in domains.listed(self.api, self.app):
            if domain.id in self._endpoint.domains:
                yield domains_world.certified(app, domain.hostname, chain, wanted=False)

    def look(self) -> str:
        """Return the command that shows each domain's certificate."""
        return f"heroku domains -a {self.app}"


def _ends(endpoint: SniEndpoint) -> str:
    return f"ends {endpoint.ssl_cert.expires_at}"
