"""The steps by which an app is taken over, and which of them are done already."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from hatoba.client import (
    addons,
    apps,
    buildpacks,
    collaborators,
    config,
    databases,
    domains,
    drains,
    features,
    formation,
    pipelines,
)
from hatoba.client.api import Api
from hatoba.client.errors import ApiError
from hatoba.kit.secret import masked_url
from hatoba.kit.text import plural
from hatoba.operations.access import GiveAccess
from hatoba.operations.addons import AttachAddon
from hatoba.operations.addons_create import CreateAddon, Order
from hatoba.operations.apps import Create
from hatoba.operations.backups_onto import Copy
from hatoba.operations.base import Operation, Ui
from hatoba.operations.buildpacks import Buildpacks
from hatoba.operations.config import SetConfig
from hatoba.operations.consent import Consent
from hatoba.operations.domains import AddDomain
from hatoba.operations.drains import AddDrain
from hatoba.operations.features import SwitchFeature
from hatoba.operations.formation import Scale, Wish
from hatoba.operations.imports import nearest
from hatoba.operations.imports.source import SourceAddon, SourceApp
from hatoba.operations.perform import perform
from hatoba.operations.pipelines import Couple

POSTGRES = databases.SERVICE


class State(enum.Enum):
    """How far a step is."""

    TO_DO = "to do"
    OVERWRITES = "overwrites"
    THERE = "there"
    NO_COUNTERPART = "no counterpart"


@dataclass(frozen=True)
class Step:
    """One thing that is taken over. ``work`` does it and tells whether it was verified."""

    what: str
    state: State
    note: str = ""
    work: Callable[[Ui], bool] | None = None


class Code(Protocol):
    """The app's code, which travels by git or as a slug."""

    def step(self, source: SourceApp, app: str) -> Step:
        """Return the step that brings it."""
        ...


@dataclass(frozen=True)
class Import:
    """One app on its way: what it is there, its name here, and how its code comes."""

    api: Api
    source: SourceApp
    app: str
    code: Code
    copies_data: bool = True

    def steps(self) -> Iterator[Step]:
        """Return the steps in their order. Looks at both sides; changes nothing."""
        here = apps.exists(self.api, self.app)
        yield self._unless(here, f"app {self.app}", lambda: Create(self.api, self.app))
        yield from self._stack()
        yield from self._buildpacks(here)
        yield from self._config(here)
        yield from self._addons(here)
        yield self.code.step(self.source, self.app)
        yield from self._formation(here)
        yield from self._domains(here)
        yield from self._drains(here)
        yield from self._features(here)
        yield from self._collaborators(here)
        yield from self._pipeline(here)

    def _by(self, make: Callable[[], Operation]) -> Callable[[Ui], bool]:
        """Return the work of an operation that the whole import's confirmation covers."""
        given = Consent(yes=True, confirm=self.app)
        return lambda ui: perform(make(), ui, given).verified

    def _unless(self, done: bool, what: str, make: Callable[[], Operation], note: str = "") -> Step:
        if done:
            return Step(what, State.THERE, note)
        return Step(what, State.TO_DO, note, self._by(make))

    def _stack(self) -> Iterator[Step]:
        offered = {one.name for one in apps.stacks(self.api)}
        if self.source.stack not in offered:
            note = f"the app is built anew on {', '.join(sorted(offered))}"
            yield Step(f"stack {self.source.stack}", State.NO_COUNTERPART, note)

    def _buildpacks(self, here: bool) -> Iterator[Step]:
        missing = buildpacks.missing(self.api, self.source.buildpacks)
        for name in missing:
            note = "name its git repository: heroku buildpacks:set https://HOST/REPOSITORY.git"
            yield Step(f"buildpack {name}", State.NO_COUNTERPART, note)
        wanted = [name for name in self.source.buildpacks if name not in missing]
        now = buildpacks.listed(self.api, self.app) if here else []
        if not wanted:
            return
        step = self._unless(
            now == wanted,
            f"buildpacks {', '.join(wanted)}",
            lambda: Buildpacks(self.api, self.app, "buildpacks:set", lambda _: wanted),
        )
        yield replace(step, state=State.OVERWRITES) if now and step.work else step

    def _config(self, here: bool) -> Iterator[Step]:
        values = self.source.values
        now = config.fingerprints(self.api, self.app) if here else {}
        wanted = config.expected(self.api, self.app, values) if here else {}
        changed = {n: values[n] for n in values if not here or now.get(n) != wanted[n]}
        lost = sorted(name for name in changed if name in now)
        if not values:
            return
        step = self._unless(
            not changed,
            plural(len(changed or values), "config var"),
            lambda: SetConfig(self.api, self.app, changed),
            f"replaces {', '.join(lost)}" if lost else ", ".join(sorted(changed)),
        )
        yield replace(step, state=State.OVERWRITES) if lost else step

    def _addons(self, here: bool) -> Iterator[Step]:
        there = {a.name: a.addon.name for a in self._attachments(here)}
        offered = [
            plan.name
            for service in addons.services(self.api)
            for plan in addons.plans(self.api, service.name)
        ]
        for one in self.source.addons:
            plan = nearest.plan(one.plan, offered)
            yield self._addon(one, plan, here) if plan else self._left_behind(one)
            for name in one.attachments[1:] if plan else ():
                yield self._attachment(name, one.name, there)
            if plan and one.service == POSTGRES:
                yield self._data(one, here)
        for name, addon in self.source.shared.items():
            yield self._attachment(name, addon, there)

    def _attachments(self, here: bool) -> list[databases.Attachment]:
        return addons.attachments(self.api, self.app) if here else []

    def _left_behind(self, one: SourceAddon) -> Step:
        """Return the step for an add-on that isn't offered: its values are taken along."""
        values = {n: self.source.managed[n] for n in one.config_vars if n in self.source.managed}
        return Step(
            f"add-on {one.name} ({one.plan})",
            State.NO_COUNTERPART,
            "stays where it is, and is used from here until something takes its place",
            self._by(lambda: SetConfig(self.api, self.app, values)) if values else None,
        )

    def _addon(self, one: SourceAddon, plan: str, here: bool) -> Step:
        alias = one.attachments[0] if one.attachments else None
        return self._unless(
            here and addons.exists(self.api, self.app, one.name),
            f"add-on {one.name} ({one.plan})",
            lambda: CreateAddon(self.api, self.app, Order(plan, one.name, alias)),
            "" if plan == one.plan else f"as {plan}",
        )

    def _attachment(self, name: str, addon: str, there: Mapping[str, str]) -> Step:
        other = there.get(name, addon)
        step = self._unless(
            there.get(name) == addon,
            f"attachment {name}",
            lambda: AttachAddon(self.api, self.app, addon, alias=name),
            f"of {addon}" if other == addon else f"of {addon} instead of {other}",
        )
        return step if other == addon else replace(step, state=State.OVERWRITES)

    def _data(self, one: SourceAddon, here: bool) -> Step:
        what = f"data of {one.name}"
        url = next((u for v in one.config_vars if (u := self._url(v))), None)
        if url is None or not one.attachments or not self.copies_data:
            return Step(what, State.NO_COUNTERPART, "is not copied; heroku pg:copy does it later")
        tables = self._tables(one) if here else 0
        target = f"{one.attachments[0]}_URL"
        note = f"copied from {masked_url(url)}, rows counted"
        if tables:
            note = f"{plural(tables, 'table')} here already; heroku pg:copy copies them anew"
        return self._unless(tables > 0, what, lambda: Copy(self.api, self.app, url, target), note)

    def _url(self, variable: str) -> str | None:
        value = self.source.managed.get(variable, "")
        return value if value.startswith(("postgres://", "postgresql://")) else None

    def _tables(self, one: SourceAddon) -> int:
        if not addons.exists(self.api, self.app, one.name):
            return 0
        return databases.info(self.api, addons.find(self.api, self.app, one.name).id).num_tables

    def _formation(self, here: bool) -> Iterator[Step]:
        wanted = [Wish(t, count, None, size) for t, count, size in self.source.formation if count]
        if not wanted:
            return
        found = formation.listed(self.api, self.app) if here else []
        now = {(f.type, f.quantity, f.size.lower()) for f in found}
        yield self._unless(
            now >= {(w.type, w.quantity, w.size) for w in wanted},
            "formation " + " ".join(f"{w.type}={w.quantity}:{w.size}" for w in wanted),
            lambda: Scale(self.api, self.app, wanted),
        )

    def _domains(self, here: bool) -> Iterator[Step]:
        known = {d.hostname for d in domains.listed(self.api, self.app)} if here else set()
        for name in self.source.domains:
            make = partial(AddDomain, self.api, self.app, name)
            note = "its DNS is moved last"
            yield self._unless(name in known, f"domain {name}", make, note)

    def _drains(self, here: bool) -> Iterator[Step]:
        known = {d.url for d in drains.listed(self.api, self.app)} if here else set()
        for url in self.source.drains:
            make = partial(AddDrain, self.api, self.app, url)
            yield self._unless(url in known, f"drain {masked_url(url)}", make)

    def _features(self, here: bool) -> Iterator[Step]:
        now = {f.name: f.enabled for f in features.listed(self.api, self.app)} if here else None
        for name in self.source.features:
            if now is not None and name not in now:
                yield Step(f"feature {name}", State.NO_COUNTERPART)
                continue
            make = partial(SwitchFeature, self.api, self.app, name, on=True, topic="features")
            yield self._unless(bool(now and now[name]), f"feature {name}", make)

    def _collaborators(self, here: bool) -> Iterator[Step]:
        known = {c.user["email"] for c in collaborators.listed(self.api, self.app)} if here else ()
        for email in self.source.collaborators:
            what = f"collaborator {email}"
            if email in known or self._has_account(email):
                make = partial(GiveAccess, self.api, self.app, email)
                yield self._unless(email in known, what, make)
            else:
                yield Step(what, State.NO_COUNTERPART, "has no account here yet")

    def _has_account(self, email: str) -> bool:
        try:
            self.api.send("GET", f"/users/{email}")
        except ApiError as error:
            if error.status in (403, 404):
                return False
            raise
        return True

    def _pipeline(self, here: bool) -> Iterator[Step]:
        if self.source.pipeline is None:
            return
        name, stage = self.source.pipeline
        now = pipelines.coupling_of(self.api, self.app) if here else None
        note = f"{now.stage} of {now.pipeline.name} here" if now else ""
        make = partial(self._couple, name, stage)
        yield self._unless(now is not None, f"pipeline {name} ({stage})", make, note)

    def _couple(self, name: str, stage: str) -> Operation:
        found = next((p for p in pipelines.listed(self.api) if p.name == name), name)
        return Couple(self.api, self.app, stage, found)
