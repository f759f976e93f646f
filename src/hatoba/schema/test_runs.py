"""Test runs as the Platform API has them; as in ``schema.platform``."""

from __future__ import annotations

from typing import Any

import msgspec

from hatoba.schema.platform import Reference


class Sized(msgspec.Struct, frozen=True):
    """The dyno of a test run."""

    size: str


class TestRun(msgspec.Struct, frozen=True):
    """A test run. ``error_state`` says how far one that errored had come."""

    __test__ = False

    id: str
    number: int
    pipeline: Reference
    actor_email: str
    user: dict[str, Any]
    commit_branch: str
    commit_message: str
    commit_sha: str
    debug: bool
    clear_cache: bool
    app_setup: Reference | None
    dyno: Sized
    status: str
    message: str | None
    warning_message: str | None
    error_state: str | None
    source_blob_url: str
    created_at: str
    updated_at: str
    organization: None = None


class NodeDyno(msgspec.Struct, frozen=True):
    """The dyno that tests run in."""

    id: str
    attach_url: str | None


class TestNode(msgspec.Struct, frozen=True):
    """Where tests of a run are run: there is one."""

    __test__ = False

    id: str
    index: int
    pipeline: Reference
    test_run: Reference
    dyno: NodeDyno
    status: str
    error_status: str | None
    exit_code: int | None
    message: str | None
    setup_stream_url: str
    output_stream_url: str
    created_at: str
    updated_at: str


class TestCase(msgspec.Struct, frozen=True):
    """One test that a run told of."""

    __test__ = False

    id: str
    number: int
    description: str
    passed: bool
    directive: str
    diagnostic: str
    test_node: Reference
    test_run: Reference
    created_at: str
    updated_at: str
