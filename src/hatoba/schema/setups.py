"""App set-ups as the Platform API has them; as in ``schema.platform``."""

from __future__ import annotations

import msgspec

from hatoba.schema.platform import Named


class SetupBuild(msgspec.Struct, frozen=True):
    """The build of a set-up."""

    id: str
    status: str
    output_stream_url: str


class Postdeploy(msgspec.Struct, frozen=True):
    """What the postdeploy script printed, and how it ended."""

    output: str
    exit_code: int


class AppSetup(msgspec.Struct, frozen=True):
    """A set-up; ``status`` is pending, succeeded or failed.

    There is no build before it has begun, and no postdeploy before it has ended.
    """

    id: str
    app: Named
    build: SetupBuild | None
    status: str
    failure_message: str | None
    manifest_errors: list[str]
    postdeploy: Postdeploy | None
    resolved_success_url: str | None
    created_at: str
    updated_at: str
