"""Test runs, their nodes and cases as the API shows them."""

from __future__ import annotations

from uuid import UUID, uuid5

from hatoba.api.encode.basics import moment
from hatoba.model import test_run as model
from hatoba.model.dyno import DEFAULT_SIZE
from hatoba.schema import test_runs as wire
from hatoba.schema.platform import Reference


def run(one: model.TestRun, *, source_url: str) -> wire.TestRun:
    """Return a test run; its source was at that URL."""
    return wire.TestRun(
        id=str(one.id),
        number=one.number,
        pipeline=Reference(str(one.pipeline_id)),
        actor_email=one.account_email,
        user={"id": str(one.account_id), "email": one.account_email},
        commit_branch=one.branch,
        commit_message=one.commit_message,
        commit_sha=one.commit,
        debug=one.debug,
        clear_cache=one.clear_cache,
        app_setup=Reference(str(one.setup_id)) if one.app_id else None,
        dyno=wire.Sized(DEFAULT_SIZE.name),
        status=one.status.value,
        message=one.message,
        warning_message=None,
        error_state=one.error_state,
        source_blob_url=source_url,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def node(one: model.TestRun, *, setup_url: str, output_url: str) -> wire.TestNode:
    """Return the node of a test run; what it prints is at these URLs."""
    errored = one.status is model.RunStatus.ERRORED
    return wire.TestNode(
        id=str(one.node_id),
        index=0,
        pipeline=Reference(str(one.pipeline_id)),
        test_run=Reference(str(one.id)),
        dyno=wire.NodeDyno(str(uuid5(one.id, "tests")), None),
        status=one.status.value,
        error_status=one.error_state if errored else None,
        exit_code=one.exit_code,
        message=one.message,
        setup_stream_url=setup_url,
        output_stream_url=output_url,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def case(one: model.Case, case_id: UUID, run: model.TestRun) -> wire.TestCase:
    """Return a case of a test run."""
    return wire.TestCase(
        id=str(case_id),
        number=one.number,
        description=one.description,
        passed=one.passed,
        directive=one.directive,
        diagnostic=one.diagnostic,
        test_node=Reference(str(run.node_id)),
        test_run=Reference(str(run.id)),
        created_at=moment(run.updated_at),
        updated_at=moment(run.updated_at),
    )
