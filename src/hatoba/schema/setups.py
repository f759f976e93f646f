"""App set-ups as the Platform API has them; as in ``schema.platform``."""

from __future__ import annotations

import msgspec

from hatoba.schema.platform import Named


class SetupBuild(msgspec.Struct, frozen=True):
    """The build of a set-up: nothing before it has begun."""

    id: str | None
    status: str | None
    output_stream_url: str | None


class Postdeploy(msgspec.Struct, frozen=True):
    """What the postdeploy script printed and how it ended: nothing before it has."""

    output: str | None
    exit_code: int | None


class AppSetup(msgspec.Struct, frozen=True):
    """A set-up; ``status`` is pending, succeeded or failed."""

    id: str
    app: Named
    build: SetupBuild
    status: str
    failure_message: str | None
    manifest_errors: list[str]
    postdeploy: Postdeploy
    resolved_success_url: str | None
    created_at: str
    updated_at: str
