"""App set-ups as the API shows them."""

from __future__ import annotations

from hatoba.api.encode.basics import moment
from hatoba.model import setup as model
from hatoba.model.release import Build
from hatoba.schema import setups as wire
from hatoba.schema.platform import Named


def setup(one: model.Setup, build: Build | None, *, output_url: str) -> wire.AppSetup:
    """Return a set-up with its build, whose output is at ``output_url``."""
    return wire.AppSetup(
        id=str(one.id),
        app=Named(str(one.app_id), one.app_name),
        build=wire.SetupBuild(str(build.id), build.status.value, output_url) if build else None,
        status=one.status.value,
        failure_message=one.failure_message,
        manifest_errors=list(one.manifest_errors),
        postdeploy=None
        if one.postdeploy_status is None
        else wire.Postdeploy(one.postdeploy_output or "", one.postdeploy_status),
        resolved_success_url=one.success_url,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )
