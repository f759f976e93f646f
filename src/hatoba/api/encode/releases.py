"""Releases, slugs and builds as the API shows them."""

from __future__ import annotations

from hatoba.api.encode.basics import app_named, moment, named
from hatoba.model import release as model
from hatoba.model.app import App
from hatoba.schema import platform as wire


def release(one: model.Release, app: App, *, output_url: str | None) -> wire.Release:
    """Return the release; ``output_url`` is where its release phase's output is, if it has one."""
    return wire.Release(
        id=str(one.id),
        app=app_named(app),
        version=one.version,
        description=one.description,
        status=one.status.value,
        current=one.current,
        user=wire.User(str(one.account_id), one.account_email),
        slug=wire.Reference(str(one.slug_id)) if one.slug_id else None,
        artifacts=[],
        addon_plan_names=[],
        output_stream_url=output_url,
        eligible_for_rollback=one.status is model.Status.SUCCEEDED and one.slug_id is not None,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
        oci_image=wire.Reference(str(one.image_id)) if one.image_id else None,
    )


def slug(one: model.Slug, *, blob_url: str) -> wire.Slug:
    """Return the slug; its archive can be had at ``blob_url``."""
    at = moment(one.created_at)
    return wire.Slug(
        id=str(one.id),
        blob=wire.Blob("GET", blob_url),
        checksum=f"SHA256:{one.checksum}",
        commit=one.commit,
        commit_description=one.commit_description,
        process_types=one.process_types,
        size=one.size,
        stack=named("stack", one.stack),
        buildpack_provided_description=one.buildpack_description,
        created_at=at,
        updated_at=at,
    )


def slug_draft(one: model.SlugDraft, *, blob_url: str) -> wire.Slug:
    """Return a slug whose archive is to be put to ``blob_url``."""
    at = moment(one.created_at)
    return wire.Slug(
        id=str(one.id),
        blob=wire.Blob("PUT", blob_url),
        checksum=one.checksum,
        commit=one.commit,
        commit_description=one.commit_description,
        process_types=one.process_types,
        size=None,
        stack=named("stack", one.stack),
        buildpack_provided_description=one.buildpack_description,
        created_at=at,
        updated_at=at,
    )


def build(one: model.Build, *, output_url: str, source_url: str) -> wire.Build:
    """Return the build; its output and its source can be had at these URLs."""
    return wire.Build(
        id=str(one.id),
        app=wire.Reference(str(one.app_id)),
        buildpacks=[wire.Buildpack(url, url) for url in one.buildpacks] or None,
        output_stream_url=output_url,
        source_blob=wire.SourceBlob(url=source_url, version=one.source_version),
        release=wire.Reference(str(one.release_id)) if one.release_id else None,
        slug=wire.Reference(str(one.slug_id)) if one.slug_id else None,
        stack=one.stack,
        status=one.status.value,
        user=wire.User(str(one.account_id), one.account_email),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )
