"""app.json: what a repository says its app needs. Pure.

https://devcenter.heroku.com/articles/app-json-schema
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from hatoba.model import config
from hatoba.model.addon import attachment_problem
from hatoba.model.dyno import SIZES
from hatoba.model.formation import MAX_QUANTITY

FILE = "app.json"
# A manifest is written by hand; what is longer is something else.
MAX_BYTES = 256 * 1024
ENVIRONMENTS = ("review", "test")
_TEXTS = ("name", "description", "website", "repository", "logo", "success_url", "stack", "image")
_TYPES = {dict: "an object", list: "an array", str: "a string", bool: "true or false"}


class ManifestError(ValueError):
    """The manifest can't be used; ``problems`` are sentences, each naming its key."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


@dataclass(frozen=True)
class Variable:
    """A config var: with a value, a secret to be generated, or one that somebody must give."""

    value: str | None = field(default=None, repr=False)
    secret: bool = False
    required: bool = True
    description: str | None = None


@dataclass(frozen=True)
class AddonWish:
    """An add-on by ``service`` or ``service:plan``; ``attachment`` is the name to know it by."""

    plan: str
    attachment: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scale:
    """How many dynos of a process type, None: as it is, and of which size."""

    quantity: int | None = None
    size: str | None = None


@dataclass(frozen=True)
class Script:
    """A command line to be run, and the size of its dyno."""

    command: str
    size: str | None = None


@dataclass(frozen=True)
class Manifest:
    """A valid app.json. What it doesn't say is None or empty.

    ``texts`` are its plain strings by key (name, description, success_url, stack …). An
    environment without ``addons``, ``buildpacks`` or ``formation`` has those of the whole.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    env: Mapping[str, Variable] = field(default_factory=dict)
    formation: Mapping[str, Scale] | None = None
    addons: tuple[AddonWish, ...] | None = None
    buildpacks: tuple[str, ...] | None = None
    scripts: Mapping[str, Script] = field(default_factory=dict)
    environments: Mapping[str, Manifest] = field(default_factory=dict)

    def within(self, environment: str) -> Manifest:
        """Return what holds in an environment: its own keys before those of the whole.

        Config vars and scripts are put together by name.
        """
        own = self.environments.get(environment, Manifest())
        return replace(
            self,
            texts={**self.texts, **own.texts},
            env={**self.env, **own.env},
            formation=self.formation if own.formation is None else own.formation,
            addons=self.addons if own.addons is None else own.addons,
            buildpacks=self.buildpacks if own.buildpacks is None else own.buildpacks,
            scripts={**self.scripts, **own.scripts},
            environments={},
        )

    def missing(self, given: Mapping[str, str]) -> list[str]:
        """Return the config vars that must be given and are not."""
        return [
            name
            for name, one in self.env.items()
            if one.required and one.value is None and not one.secret and name not in given
        ]

    def values(self, given: Mapping[str, str], secret: Callable[[], str]) -> dict[str, str]:
        """Return the config vars to set: what is given goes before the manifest's own values.

        ``secret`` makes a new secret.
        """
        made = {n: secret() for n, one in self.env.items() if one.secret and n not in given}
        own = {n: one.value for n, one in self.env.items() if one.value is not None}
        return {**own, **made, **given}

    def success_url(self, web_url: str) -> str | None:
        """Return where somebody goes once the app is there: a path is one of the app's."""
        target = self.texts.get("success_url")
        if target is None or target.startswith(("http://", "https://")):
            return target
        return f"{web_url.rstrip('/')}/{target.lstrip('/')}"


def parse(text: str) -> Manifest:
    """Read a manifest. Raises ManifestError that names every wrong key."""
    try:
        raw = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ManifestError([f"app.json is not valid JSON: {error}."]) from error
    if not isinstance(raw, dict):
        raise ManifestError([f"app.json must be an object, not {_kind(raw)}."])
    reader = _Reader()
    made = reader.manifest(raw, "")
    nested = reader.mapping(raw, "environments", "")
    environments = {}
    for name in nested:
        inner = reader.mapping(nested, name, "environments.")
        if name in ENVIRONMENTS:
            environments[name] = reader.manifest(inner, f"environments.{name}.")
    if reader.problems:
        raise ManifestError(reader.problems)
    return replace(made, environments=environments)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return _TYPES.get(type(value), "a number")


class _Reader:
    """Takes a manifest apart and notes what is wrong. Keys that it doesn't know are let be."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def manifest(self, raw: Mapping[str, object], at: str) -> Manifest:
        texts = {key: self.text(raw, key, at) for key in _TEXTS}
        formation = self.mapping(raw, "formation", at)
        return Manifest(
            texts={key: value for key, value in texts.items() if value is not None},
            keywords=tuple(self.texts(raw, "keywords", at)),
            env={
                n: self.variable(n, v, f"{at}env") for n, v in self.mapping(raw, "env", at).items()
            },
            formation={t: self.scale(t, v, f"{at}formation") for t, v in formation.items()}
            if "formation" in raw
            else None,
            addons=self.addons(raw, at) if "addons" in raw else None,
            buildpacks=self.buildpacks(raw, at) if "buildpacks" in raw else None,
            scripts=self.scripts(raw, at),
        )

    def wrong(self, where: str, wanted: str, value: object) -> None:
        self.problems.append(f"{where} must be {wanted}, not {_kind(value)}.")

    def text(self, raw: Mapping[str, object], key: str, at: str) -> str | None:
        value = raw.get(key)
        if value is None or isinstance(value, str):
            return value
        self.wrong(f"{at}{key}", "a string", value)
        return None

    def flag(self, raw: Mapping[str, object], key: str, at: str, default: bool) -> bool:
        value = raw.get(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(f"{at}{key}", "true or false", value)
        return default

    def mapping(self, raw: Mapping[str, object], key: str, at: str) -> dict[str, object]:
        value = raw.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong(f"{at}{key}", "an object", value)
        return {}

    def array(self, raw: Mapping[str, object], key: str, at: str) -> list[object]:
        value = raw.get(key, [])
        if isinstance(value, list):
            return value
        self.wrong(f"{at}{key}", "an array", value)
        return []

    def texts(self, raw: Mapping[str, object], key: str, at: str) -> list[str]:
        found = []
        for number, value in enumerate(self.array(raw, key, at)):
            if isinstance(value, str):
                found.append(value)
            else:
                self.wrong(f"{at}{key}[{number}]", "a string", value)
        return found

    def variable(self, name: str, value: object, at: str) -> Variable:
        where = f"{at}.{name}"
        if problem := config.name_problem(name):
            self.problems.append(f"{at}: {problem}")
        if isinstance(value, str):
            return Variable(value)
        if not isinstance(value, dict):
            self.wrong(where, "a string or an object", value)
            return Variable()
        generator = value.get("generator")
        if generator not in (None, "secret"):
            self.problems.append(f'{where}.generator can only be "secret".')
        return Variable(
            value=self.text(value, "value", f"{where}."),
            secret=generator == "secret" and value.get("value") is None,
            required=self.flag(value, "required", f"{where}.", default=True),
            description=self.text(value, "description", f"{where}."),
        )

    def scale(self, type_: str, value: object, at: str) -> Scale:
        where = f"{at}.{type_}"
        if not isinstance(value, dict):
            self.wrong(where, "an object", value)
            return Scale()
        quantity = value.get("quantity")
        if quantity is not None and not _whole(quantity):
            self.problems.append(
                f"{where}.quantity must be a whole number from 0 to {MAX_QUANTITY}."
            )
            quantity = None
        return Scale(quantity, self.size(value, f"{where}."))

    def size(self, raw: Mapping[str, object], at: str) -> str | None:
        size = self.text(raw, "size", at)
        if size is not None and size.lower() not in SIZES:
            names = ", ".join(one.name for one in SIZES.values())
            self.problems.append(f"{at}size: no such dyno size as {size}. The sizes are: {names}.")
            return None
        return size

    def addons(self, raw: Mapping[str, object], at: str) -> tuple[AddonWish, ...]:
        wishes = []
        for number, value in enumerate(self.array(raw, "addons", at)):
            where = f"{at}addons[{number}]"
            if isinstance(value, str) and value:
                wishes.append(AddonWish(value))
            elif isinstance(value, dict):
                wishes.append(self.addon(value, where))
            else:
                self.wrong(where, "a plan's name or an object", value)
        return tuple(wishes)

    def addon(self, raw: Mapping[str, object], where: str) -> AddonWish:
        plan, name = self.text(raw, "plan", f"{where}."), self.text(raw, "as", f"{where}.")
        if not plan:
            self.problems.append(f"{where}.plan is missing.")
        if name is not None and (problem := attachment_problem(name)):
            self.problems.append(f"{where}.as: {problem}")
        options = self.mapping(raw, "options", f"{where}.")
        for key, value in options.items():
            if isinstance(value, dict | list) or value is None:
                self.wrong(f"{where}.options.{key}", "a string", value)
        return AddonWish(plan or "", name, {key: _option(v) for key, v in options.items()})

    def buildpacks(self, raw: Mapping[str, object], at: str) -> tuple[str, ...]:
        urls = []
        for number, value in enumerate(self.array(raw, "buildpacks", at)):
            where = f"{at}buildpacks[{number}]"
            if not isinstance(value, dict):
                self.wrong(where, "an object with a url", value)
            elif url := self.text(value, "url", f"{where}."):
                urls.append(url)
            else:
                self.problems.append(f"{where}.url is missing.")
        return tuple(urls)

    def scripts(self, raw: Mapping[str, object], at: str) -> dict[str, Script]:
        made = {}
        for name, value in self.mapping(raw, "scripts", at).items():
            where = f"{at}scripts.{name}"
            if isinstance(value, str):
                made[name] = Script(value)
            elif isinstance(value, dict):
                command = self.text(value, "command", f"{where}.")
                if command is None:
                    self.problems.append(f"{where}.command is missing.")
                made[name] = Script(command or "", self.size(value, f"{where}."))
            else:
                self.wrong(where, "a command line", value)
        return {name: script for name, script in made.items() if script.command.strip()}


def _whole(value: object) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and 0 <= value <= MAX_QUANTITY  # type: ignore[operator]


def _option(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
