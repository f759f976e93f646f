"""What a buildpack's bin/release says of the app. Pure.

It is YAML of which buildpacks use two levels of plain mappings:
https://devcenter.heroku.com/articles/buildpack-api#bin-release
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ENTRY = re.compile(r"^(\s*)([A-Za-z0-9_.-]+):(?:\s+(.*))?$")


@dataclass(frozen=True)
class Released:
    """Process types for an app without a Procfile, and config vars to begin with."""

    process_types: dict[str, str] = field(default_factory=dict)
    config_vars: dict[str, str] = field(default_factory=dict)

    def then(self, later: Released) -> Released:
        """Return what holds after a later buildpack: its process types are the app's."""
        return Released(
            later.process_types or self.process_types,
            {**self.config_vars, **later.config_vars},
        )


def parse(text: str) -> Released:
    """Read the output of bin/release; what it does not understand is passed over."""
    found: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in text.splitlines():
        match = _ENTRY.match(line)
        if not match:
            continue
        indent, name, value = match.groups()
        if not indent:
            section = found.setdefault(name, {})
        elif value:
            section[name] = value.strip().strip("\"'")
    types = found.get("default_process_types", {})
    return Released(types, found.get("config_vars", {}))
