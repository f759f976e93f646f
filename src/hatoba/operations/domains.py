"""Adding and removing domains, and choosing their certificate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote

from hatoba.client import apps, checks, domains
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations import domains_world
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.certificates import pick
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import Domain


class AddDomain(Operation):
    """Leads a host name to an app."""

    name = "domains:add"

    def __init__(
        self,
        api: Api,
        app: str,
        hostname: str,
        *,
        endpoint: str | None = None,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._hostname = hostname
        self._endpoint = endpoint
        self.made: Domain | None = None

    def review(self) -> Review:
        """Show the domains that there are. Raises ApiError for one that can't be added."""
        app, version = apps.reviewed(self.api, self.app)
        hostname = checks.domain(self.api, app.name, self._hostname, self._endpoint)
        there = [d.hostname for d in domains.listed(self.api, self.app)]
        return Review(
            title=f"{app.name} domains: {', '.join(there)}",
            rows=(Row("+", hostname, "", self._endpoint or ""),),
            kind=Kind.CHANGE,
            before={"domains": there},
            after={"domains": [*there, hostname]},
            request={"hostname": hostname, "sni_endpoint": self._endpoint},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Add it."""
        wanted = review.request["hostname"], review.request["sni_endpoint"]
        with ui.progress(f"Adding {wanted[0]} to {self.app}"):
            self.made = domains.add(self.api, self.app, *wanted, review.version)
        ui.say(f"Point {self.made.hostname} at this platform; its DNS target: {self.made.cname}")

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, and ask the router for that host as a visitor."""
        del review
        if (made := self.made) is None:
            return
        there = {d.hostname for d in domains.listed(self.api, self.app)}
        yield Check(f"{made.hostname} is listed", ok=made.hostname in there, seen="")
        app = apps.find(self.api, self.app)
        yield domains_world.reaches(app, made.hostname, wanted=True, pace=self.pace)

    def undo(self, review: Review) -> str | None:
        """Return the command that removes it."""
        return f"heroku domains:remove {quote(review.request['hostname'])} -a {self.app}"


class RemoveDomains(Operation):
    """Leads host names nowhere any more: those named, or all custom ones."""

    def __init__(
        self, api: Api, app: str, hostname: str | None, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self.name = "domains:remove" if hostname else "domains:clear"
        self._hostname = hostname

    def review(self) -> Review:
        """Show which ones go. Raises UsageError when the app has no such domain."""
        app, version = apps.reviewed(self.api, self.app)
        custom = [d for d in domains.listed(self.api, self.app) if d.kind == "custom"]
        gone = custom if self._hostname is None else [self._wanted(custom)]
        names = [d.hostname for d in gone]
        return Review(
            title=f"{app.name} domains: {len(custom)}",
            rows=tuple(Row("-", name, "", "") for name in names),
            kind=Kind.RISKY,
            why=f"Requests to {', '.join(names)} do not reach {app.name} any more.",
            before={"domains": [d.hostname for d in custom]},
            after={"domains": [d.hostname for d in custom if d not in gone]},
            request={"domains": names},
            version=version,
            nothing=None if gone else f"Nothing to change: {app.name} has no custom domains.",
        )

    def _wanted(self, custom: Sequence[Domain]) -> Domain:
        hostname = (self._hostname or "").lower()
        for domain in custom:
            if hostname in (domain.hostname, domain.id):
                return domain
        # The platform knows other spellings, such as those with umlauts.
        found = domains.find(self.api, self.app, hostname)
        if found.kind != "custom":
            raise UsageError(f"{found.hostname} is the app's own domain and can't be removed.")
        return found

    def apply(self, review: Review, ui: Ui) -> None:
        """Remove them; the review counts for the first, which changes the app's state."""
        version = review.version
        for hostname in review.request["domains"]:
            with ui.progress(f"Removing {hostname} from {self.app}"):
                domains.remove(self.api, self.app, hostname, version)
            version = None

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back, and ask the router for each host as a visitor."""
        left = {d.hostname for d in domains.listed(self.api, self.app)}
        app = apps.find(self.api, self.app)
        for hostname in review.request["domains"]:
            yield Check(f"{hostname} is not listed any more", ok=hostname not in left, seen="")
            if not any(name.startswith("*.") for name in left):
                yield domains_world.reaches(app, hostname, wanted=False, pace=self.pace)

    def undo(self, review: Review) -> str:
        """Return the command that adds them again."""
        names = review.request["domains"]
        return "; ".join(f"heroku domains:add {quote(name)} -a {self.app}" for name in names)


class UpdateDomain(Operation):
    """Chooses the certificate that a domain is served with."""

    name = "domains:update"

    def __init__(
        self, api: Api, app: str, hostname: str, endpoint: str, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._hostname = hostname
        self._endpoint = endpoint

    def review(self) -> Review:
        """Show which certificate it has. Raises UsageError when there is no such one."""
        app, version = apps.reviewed(self.api, self.app)
        domain = domains.find(self.api, self.app, self._hostname)
        wanted = pick(self.api, self.app, self._endpoint).name
        before = domain.sni_endpoint.name if domain.sni_endpoint else ""
        same = before == wanted
        return Review(
            title=f"{app.name} domain {domain.hostname}",
            rows=() if same else (Row("~", "certificate", before or "none", wanted),),
            kind=Kind.RISKY if before else Kind.CHANGE,
            why=f"Visitors of {domain.hostname} get another certificate.",
            before={"sni_endpoint": before},
            after={"sni_endpoint": wanted},
            request={"domain": domain.hostname, "sni_endpoint": wanted},
            version=version,
            nothing=f"{domain.hostname} already has {before}." if same else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Choose it."""
        wanted = review.request["domain"], review.request["sni_endpoint"]
        with ui.progress(f"Updating {wanted[0]} to use {wanted[1]} certificate"):
            domains.update(self.api, self.app, *wanted, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back, and see what visitors get."""
        domain = domains.find(self.api, self.app, review.request["domain"])
        served, wanted = domain.sni_endpoint, review.request["sni_endpoint"]
        name = served.name if served else "none"
        good = name == wanted
        yield Check(f"its certificate is {wanted}", ok=good, seen="" if good else f"it is {name}")
        app, endpoint = apps.find(self.api, self.app), pick(self.api, self.app, wanted)
        yield from domains_world.secured(app, domain.hostname, endpoint)

    def look(self) -> str:
        """Return the command that shows each domain's certificate."""
        return f"heroku domains -a {self.app}"
