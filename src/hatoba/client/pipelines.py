"""Calls about pipelines, the apps in them, and promotions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from hatoba.client.api import Api, decode
from hatoba.client.errors import ApiError, ClientError
from hatoba.schema.pipelines import Coupling, Pipeline, Promotion, PromotionTarget
from hatoba.schema.platform import App, Slug

# As many as the API gives in one page.
_MOST = {"Range": "id ..; max=1000;"}


def listed(api: Api) -> list[Pipeline]:
    """Return the pipelines that the account sees."""
    return api.pages("/pipelines", Pipeline)


def find(api: Api, identity: str) -> Pipeline:
    """Return a pipeline by id or name. Raises ClientError when there is none."""
    found = [one for one in listed(api) if identity in (one.id, one.name)]
    if not found:
        raise ClientError(f"Couldn't find the pipeline {identity}. See: heroku pipelines")
    return found[0]


def create(api: Api, name: str, team: str | None = None) -> Pipeline:
    """Make a pipeline of the account's own, or of a team's, by its name."""
    owner = {"id": team, "type": "team"} if team else None
    return api.change("POST", "/pipelines", Pipeline, body={"name": name, "owner": owner})


def rename(api: Api, pipeline_id: str, name: str) -> Pipeline:
    """Give a pipeline another name."""
    return api.change("PATCH", f"/pipelines/{pipeline_id}", Pipeline, body={"name": name})


def destroy(api: Api, pipeline_id: str) -> Pipeline:
    """Forget a pipeline; its apps stay."""
    return api.change("DELETE", f"/pipelines/{pipeline_id}", Pipeline)


def transfer(api: Api, pipeline_id: str, account_id: str) -> None:
    """Give a pipeline and the apps in it to another account."""
    owner = {"id": account_id, "type": "user"}
    body = {"pipeline": {"id": pipeline_id}, "new_owner": owner}
    api.send("POST", "/pipeline-transfers", body=body)


def couplings(api: Api, pipeline_id: str) -> list[Coupling]:
    """Return the apps of a pipeline."""
    return api.pages(f"/pipelines/{pipeline_id}/pipeline-couplings", Coupling)


def apps_of(api: Api, found: Sequence[Coupling]) -> dict[str, App]:
    """Return those of the coupled apps that the account may see, by id."""
    body = {"in": {"id": [one.app.id for one in found]}}
    answer = decode(api.send("POST", "/filters/apps", body=body, headers=_MOST), list[App])
    return {app.id: app for app in answer}


def coupling_of(api: Api, app: str) -> Coupling | None:
    """Return an app's place in its pipeline, None when it is in none."""
    try:
        return api.get(f"/apps/{app}/pipeline-couplings", Coupling)
    except ApiError as error:
        if error.status == 404 and error.id == "not_found":
            return None
        raise


def couple(
    api: Api, pipeline_id: str, app: str, stage: str, version: int | None = None
) -> Coupling:
    """Put an app into a pipeline."""
    body = {"app": app, "pipeline": pipeline_id, "stage": stage}
    return api.change("POST", "/pipeline-couplings", Coupling, body=body, version=version)


def move(api: Api, coupling_id: str, stage: str, version: int | None = None) -> Coupling:
    """Put an app at another stage."""
    path = f"/pipeline-couplings/{coupling_id}"
    return api.change("PATCH", path, Coupling, body={"stage": stage}, version=version)


def uncouple(api: Api, coupling_id: str, version: int | None = None) -> Coupling:
    """Take an app out of its pipeline."""
    path = f"/pipeline-couplings/{coupling_id}"
    return api.change("DELETE", path, Coupling, version=version)


def promote(
    api: Api,
    pipeline_id: str,
    source: str,
    targets: Mapping[str, int | None],
    version: int | None = None,
) -> Promotion:
    """Release what the source runs on the targets; all are ids of apps.

    ``version`` and those of the targets are the states that were reviewed; None is any.
    """
    body = {
        "pipeline": {"id": pipeline_id},
        "source": {"app": {"id": source}},
        "targets": [_target(app, reviewed) for app, reviewed in targets.items()],
    }
    return api.change("POST", "/pipeline-promotions", Promotion, body=body, version=version)


def _target(app: str, reviewed: int | None) -> dict[str, object]:
    target: dict[str, object] = {"app": {"id": app}}
    return target if reviewed is None else {**target, "reviewed": reviewed}


def promotion_targets(api: Api, promotion_id: str) -> list[PromotionTarget]:
    """Return what has become of a promotion on each app."""
    return api.pages(f"/pipeline-promotions/{promotion_id}/promotion-targets", PromotionTarget)


def slug(api: Api, app: str, slug_id: str) -> Slug:
    """Return a slug of an app."""
    return api.get(f"/apps/{app}/slugs/{quote(slug_id, safe='')}", Slug)
