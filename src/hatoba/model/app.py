"""Apps and the rules for their names."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

STACK = "heroku-24"
# The stack of apps that run images of their own.
CONTAINER = "container"
# The stack of apps whose images are built by Cloud Native Buildpacks.
CLOUD_NATIVE = "cnb"
STACKS = (STACK, CONTAINER, CLOUD_NATIVE)
REGION = "us"
RESERVED_NAMES = frozenset({"api", "git", "registry", "rendezvous", "localhost", "www"})

# https://devcenter.heroku.com/articles/platform-api-reference#app: name's pattern.
_NAME = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")

_ADJECTIVES = (
    "calm clear deep early fair gentle golden grey late long lucid mild misty open quiet "
    "rapid salty serene silver still sunny swift tidal warm wide windy"
).split()
_NOUNS = (
    "anchor bay beacon breeze buoy channel cove current dock ferry gull harbour island jetty "
    "lagoon lantern mast pier quay reef sail shore sound strait tide wharf"
).split()


@dataclass(frozen=True)
class App:
    """One app. ``version`` counts every change of what a review would show.

    ``number`` is small, never used again, and gives the app its own uid on a machine.
    ``team`` is the name of the team that owns it, if one does; nobody of it joins a ``locked`` one.
    A ``guarded`` one is changed only by who has just shown a second factor.
    ``acm`` is whether its domains' certificates are managed automatically.
    ``config_id`` names the current config snapshot, ``buildpack_description`` what the last
    build detected, ``slug_size`` and ``repo_size`` are bytes.
    """

    id: UUID
    number: int
    name: str
    owner_id: UUID
    owner_email: str
    stack: str
    region: str
    maintenance: bool
    version: int
    config_id: UUID | None
    buildpack_description: str | None
    slug_size: int | None
    repo_size: int | None
    created_at: datetime
    updated_at: datetime
    released_at: datetime | None
    destroyed_at: datetime | None
    acm: bool = False
    locked: bool = False
    guarded: bool = False
    team: str | None = None

    def is_called(self, word: str | None) -> bool:
        """Tell whether that is its name or id."""
        return word in (self.name, str(self.id))


@dataclass(frozen=True)
class Favorite:
    """An app that somebody likes to have at hand."""

    id: UUID
    app_id: UUID
    app_name: str


def name_problem(name: str) -> str | None:
    """Return why a name can't be an app's, in Heroku's words, or None when it can."""
    if len(name) < 3:
        return "Name is too short (minimum is 3 characters)"
    if len(name) > 30:
        return "Name is too long (maximum is 30 characters)"
    if not _NAME.fullmatch(name):
        return (
            "Name must start with a letter, end with a letter or digit "
            "and can only contain lowercase letters, digits, and dashes."
        )
    if name in RESERVED_NAMES:
        return f"Name {name} is reserved"
    return None


def random_name(source: random.Random) -> str:
    """Return a name such as ``misty-harbour-41210``."""
    number = source.randrange(10_000, 100_000)
    return f"{source.choice(_ADJECTIVES)}-{source.choice(_NOUNS)}-{number}"
