"""Test runs of pipelines."""

from __future__ import annotations

from uuid import UUID

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, Reply, SignedIn
from hatoba.api.encode import test_runs as encode
from hatoba.api.resources import setups
from hatoba.auth.identity import as_uuid
from hatoba.control import builds, pipelines, test_runs
from hatoba.control.test_runs import Order
from hatoba.model.pipeline import Pipeline
from hatoba.model.test_run import RunStatus, TestRun
from hatoba.schema import test_runs as wire


class Create(msgspec.Struct):
    """``POST /test-runs``. There are no organizations to run it for."""

    commit_branch: str
    commit_message: str
    commit_sha: str
    pipeline: str
    source_blob_url: str
    debug: bool = False
    clear_cache: bool = False
    organization: str | None = None


class Update(msgspec.Struct):
    """``PATCH /test-runs/{test_run}``: a run can be cancelled, and nothing else."""

    status: RunStatus
    message: str | None


async def create(call: SignedIn) -> Answer:
    """Have tests run."""
    wanted = decode.body(call, Create)
    pipeline = await pipelines.find(call.platform, call.account, wanted.pipeline)
    source = await setups.uploaded(call, wanted.source_blob_url)
    order = Order(
        branch=wanted.commit_branch,
        commit=wanted.commit_sha,
        message=wanted.commit_message,
        source=source,
        url=wanted.source_blob_url,
        debug=wanted.debug,
        clear_cache=wanted.clear_cache,
    )
    try:
        made = await test_runs.create(call.platform, call.account, pipeline, order)
    finally:
        if source is not None:
            source.unlink(missing_ok=True)
    return Reply(await _shown(call, made), 201)


async def _shown(call: SignedIn, run: TestRun) -> wire.TestRun:
    source = await test_runs.source(call.platform, run)
    # What comes after it may be a signature.
    return encode.run(run, source_url=source.url.partition("?")[0])


async def info(call: SignedIn) -> Answer:
    """Tell about a run by its id."""
    return Reply(await _shown(call, await _named(call)))


async def _named(call: SignedIn) -> TestRun:
    identity = call.path("test_run")
    if identity.isdecimal():
        return await test_runs.numbered(call.platform, call.account, identity)
    return await test_runs.find(call.platform, call.account, as_uuid(identity))


async def of_pipeline(call: SignedIn) -> Answer:
    """List a pipeline's runs by number."""
    found = await test_runs.of_pipeline(call.platform, await _pipeline(call))
    return Listing([await _shown(call, run) for run in found], ("number", "id"))


async def by_number(call: SignedIn) -> Answer:
    """Tell about a pipeline's run by its number."""
    wanted = call.path("number")
    for run in await test_runs.of_pipeline(call.platform, await _pipeline(call)):
        if wanted == str(run.number):
            return Reply(await _shown(call, run))
    raise test_runs.unknown()


async def _pipeline(call: SignedIn) -> Pipeline:
    return await pipelines.find(call.platform, call.account, call.path("pipeline"))


async def update(call: SignedIn) -> Answer:
    """Cancel a run."""
    run = await _named(call)
    wanted = decode.body(call, Update)
    if wanted.status is not RunStatus.CANCELLED:
        raise errors.InvalidParams("A test run can only be cancelled.")
    ended = await test_runs.end(call.platform, run, wanted.status, wanted.message)
    return Reply(await _shown(call, ended))


async def nodes(call: SignedIn) -> Answer:
    """List the nodes of a run: there is one."""
    run = await _named(call)
    setup, output = _output(call, run.setup_stream), _output(call, run.output_stream)
    return Listing([encode.node(run, setup_url=setup, output_url=output)])


def _output(call: SignedIn, stream_id: UUID) -> str:
    """Return where an output is, over TLS: the official command line reads it no other way."""
    return call.reach.secure_url + builds.output_path(call.platform, stream_id)


async def cases(call: SignedIn) -> Answer:
    """List the tests that a run told of."""
    run = await _named(call)
    found = await test_runs.cases(call.platform, run)
    return Listing([encode.case(case, case_id, run) for case_id, case in found])
