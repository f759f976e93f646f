"""The Platform API's JSON schema: its links, and what their answers must look like."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema

ROOT = Path(__file__).parents[1]
PLACE = Path(
    os.environ.get("HATOBA_API_SCHEMA")
    or ROOT.parent / "shared/reference/heroku-platform-api-schema.json"
)
# Patterns that name Heroku's own hosts can't hold on another platform.
_HEROKU_ONLY = (("app", "git_url"), ("app", "web_url"))
# Deprecated, or there for what a team runs only.
_OPTIONAL = {"slug": {"deleted_at"}, "test-run": {"organization"}}
_PARAMETER = re.compile(r"\{\(([^)]*)\)\}")


@dataclass(frozen=True)
class Link:
    """One call that the schema describes; ``parameters`` are (noun, key) of its path."""

    noun: str
    title: str
    method: str
    shape: str
    parameters: tuple[tuple[str, str], ...]
    body: dict[str, Any] | None = field(repr=False)
    target: dict[str, Any] | None = field(repr=False)

    @property
    def name(self) -> str:
        """Method and path, as in ``GET /apps/{}``."""
        return f"{self.method} {self.shape}"

    @property
    def required(self) -> list[str]:
        """The properties that a body must have."""
        return list((self.body or {}).get("required", ()))


class Schema:
    """The schema file, read once."""

    def __init__(self, place: Path = PLACE) -> None:
        self._whole: dict[str, Any] = json.loads(place.read_text())
        for noun, key in _HEROKU_ONLY:
            self._whole["definitions"][noun]["definitions"][key].pop("pattern", None)

        _as_answered(self._whole["definitions"])

    @cached_property
    def links(self) -> list[Link]:
        """Every link, in the file's order."""
        definitions = self._whole["definitions"].items()
        return [_link(noun, raw) for noun, one in definitions for raw in one.get("links", ())]

    def problems(self, link: Link, answer: object) -> list[str]:
        """Return in what an answer differs from the link's target schema."""
        if link.target is None:
            return []
        whole = {"definitions": self._whole["definitions"], **link.target}
        validator = jsonschema.Draft4Validator(whole, format_checker=jsonschema.FormatChecker())
        wrong = [f"{e.json_path}: {e.message}"[:160] for e in validator.iter_errors(answer)]
        return wrong + self._missing(link, answer)

    def _missing(self, link: Link, answer: object) -> list[str]:
        """Return the properties that an answer lacks: clients read them all."""
        reference = _reference(link.target or {})
        noun = reference.rpartition("/")[2]
        wanted = set(self._whole["definitions"].get(noun, {}).get("properties", {}))
        wanted -= _OPTIONAL.get(noun, set())
        items = answer if isinstance(answer, list) else [answer]
        lacking = {name for item in items if isinstance(item, dict) for name in wanted - set(item)}
        return [f"lacks {', '.join(sorted(lacking))}"] if lacking else []

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return a property's schema with its reference followed; ``from`` says to where."""
        origin = ""
        while True:
            if "$ref" in schema:
                origin = schema["$ref"]
                schema = self._follow(origin)
            elif "anyOf" in schema and "type" not in schema:
                schema = schema["anyOf"][0]
            else:
                return {**schema, "from": origin}

    def _follow(self, reference: str) -> dict[str, Any]:
        found: Any = self._whole
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return dict(found)


def _as_answered(definitions: dict[str, Any]) -> None:
    """Let what Heroku itself answers, and its own clients know, pass where the schema forgot it."""
    setup = definitions["app-setup"]
    build, output = setup["properties"]["build"], setup["definitions"]["postdeploy"]
    for part in (build["properties"], output["properties"]):
        # A set-up has neither build nor output before it has come so far.
        part.update({name: {"anyOf": [one, {"type": ["null"]}]} for name, one in part.items()})
    definitions["team"]["definitions"]["role"]["enum"].append("viewer")


def _reference(target: dict[str, Any]) -> str:
    return str((target.get("items") or target).get("$ref", ""))


def _link(noun: str, raw: dict[str, Any]) -> Link:
    href = str(raw["href"])
    parameters = []
    for match in _PARAMETER.findall(href):
        parts = unquote(match).split("/")
        parameters.append((parts[2], parts[-1]))
    return Link(
        noun=noun,
        title=str(raw["title"]),
        method=str(raw["method"]),
        shape=_PARAMETER.sub("{}", href),
        parameters=tuple(parameters),
        body=raw.get("schema"),
        target=raw.get("targetSchema"),
    )
