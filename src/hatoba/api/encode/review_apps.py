"""Review apps, their settings and repositories as the API shows them."""

from __future__ import annotations

from hatoba.api.encode.basics import moment, named
from hatoba.control import pipeline_repository as repositories
from hatoba.model import review_app as model
from hatoba.model.app import REGION
from hatoba.schema import review_apps as wire
from hatoba.schema.platform import Reference


def review_app(one: model.ReviewApp, config: model.ReviewConfig | None) -> wire.ReviewApp:
    """Return a review app of a pipeline that wants them like this."""
    began = one.app_id is not None
    stale_at = config.stale_at(one) if config else None
    failed = one.status is model.ReviewStatus.ERRORED
    return wire.ReviewApp(
        id=str(one.id),
        app=Reference(str(one.app_id)) if began else None,
        app_setup=Reference(str(one.setup_id)) if began else None,
        branch=one.branch,
        pipeline=Reference(str(one.pipeline_id)),
        status=one.status.value,
        creator=Reference(str(one.account_id)),
        wait_for_ci=config.wait_for_ci if config else False,
        error_status="create_failed" if failed else None,
        message=one.message,
        fork_repo=wire.Numbered(None),
        pr_number=one.pr_number,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
        destroyed_at=moment(stale_at) if stale_at else None,
    )


def config(one: model.ReviewConfig) -> wire.ReviewConfig:
    """Return how a pipeline wants its review apps."""
    return wire.ReviewConfig(
        pipeline_id=str(one.pipeline_id),
        repo=wire.Numbered(one.pipeline_id.int % 2**31),
        automatic_review_apps=one.automatic,
        deploy_target=wire.DeployTarget(named("region", REGION).id, "region"),
        destroy_stale_apps=one.destroy_stale,
        stale_days=one.stale_days,
        wait_for_ci=one.wait_for_ci,
        base_name=one.base_name,
    )


def repository(one: repositories.Repository) -> wire.Repository:
    """Return a pipeline's repository, without its address: that may hold a password."""
    return wire.Repository(
        id=one.number,
        full_name=one.name,
        name=one.name.rpartition("/")[2],
        app=one.app.app_name if one.app else None,
    )


def branch(one: repositories.Branch) -> wire.Branch:
    """Return a branch."""
    return wire.Branch(one.name, wire.Commit(one.commit))
