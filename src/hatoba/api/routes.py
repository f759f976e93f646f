"""The table of routes: method, path, access rule, handler, and the commands that need it."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import (
    CODE,
    CONFIGURE,
    DEPLOY,
    EVERYBODY,
    KEEP_RECORDS,
    MANAGE,
    OPERATE,
    PRESENT,
    PROTECTED,
    READ,
    RECORDS,
    RUN,
    VIEW,
    WRITE,
)
from hatoba.api.account_routes import ACCOUNTS
from hatoba.api.addon_access import VIEW_ADDON
from hatoba.api.addon_routes import PROVIDERS, SERVICES
from hatoba.api.check_routes import CHECKS
from hatoba.api.data_postgres_routes import DATA_POSTGRES
from hatoba.api.database_access import (
    CONFIGURE_DATABASE,
    OPERATE_DATABASE,
    VIEW_DATABASE,
)
from hatoba.api.database_routes import DATABASES
from hatoba.api.endpoint import Route
from hatoba.api.feature_routes import FEATURES
from hatoba.api.image_routes import IMAGES
from hatoba.api.key_value_routes import KEY_VALUES
from hatoba.api.maintenance_routes import MAINTENANCES
from hatoba.api.metric_routes import METRICS
from hatoba.api.pipeline_routes import PIPELINES
from hatoba.api.resources import (
    acm,
    addons,
    apps,
    attachments,
    blobs,
    buildpacks,
    builds,
    catalogue,
    collaborators,
    config,
    domains,
    drains,
    dynos,
    formation,
    hatoba,
    log_sessions,
    releases,
    schedules,
    sni_endpoints,
    streams,
    transfers,
)
from hatoba.api.review_app_routes import REVIEW_APPS
from hatoba.api.scheduler_routes import SCHEDULER
from hatoba.api.session_routes import SESSIONS
from hatoba.api.setup_routes import SETUPS
from hatoba.api.team_access import VIEW_TEAM
from hatoba.api.team_routes import TEAMS
from hatoba.api.telemetry_routes import TELEMETRY
from hatoba.api.test_run_routes import TEST_RUNS
from hatoba.api.unsold_routes import UNSOLD
from hatoba.api.webhook_routes import WEBHOOKS

_APP = "/apps/{app}"
_DYNO = f"{_APP}/dynos/{{dyno}}"
_TYPE = f"{_APP}/formations/{{type}}"
_HATOBA = "/hatoba/apps/{app}"
_DOMAIN = f"{_APP}/domains/{{domain}}"
_ENDPOINT = f"{_APP}/sni-endpoints/{{endpoint}}"
_ADDON = f"{_APP}/addons/{{addon}}"
_DATABASE = "/client/v11/databases/{database}"
_TRANSFERS = "/client/v11/apps/{app}/transfers"

_APPS: tuple[Route[Any], ...] = (
    Route("POST", "/apps", WRITE, apps.create, "apps:create"),
    Route("GET", "/apps", READ, apps.listed, "apps --all", keeps=True),
    Route("GET", _APP, VIEW, apps.info, "apps:info, maintenance", keeps=True),
    Route("PATCH", _APP, PRESENT, apps.update, "maintenance:on, apps:stacks:set"),
    Route("DELETE", _APP, MANAGE, apps.destroy, "apps:destroy"),
    Route("GET", f"{_APP}/collaborators", VIEW, collaborators.listed, "access"),
    Route("POST", f"{_APP}/collaborators", MANAGE, collaborators.add, "access:add"),
    Route("GET", f"{_APP}/collaborators/{{collaborator}}", VIEW, collaborators.info),
    Route(
        "DELETE",
        f"{_APP}/collaborators/{{collaborator}}",
        PRESENT,
        collaborators.remove,
        "access:remove, apps:leave",
    ),
    Route("GET", f"{_APP}/config-vars", PROTECTED, config.current, "config"),
    Route("PATCH", f"{_APP}/config-vars", CONFIGURE, config.change, "config:set, config:unset"),
)

_RUNNING: tuple[Route[Any], ...] = (
    Route("GET", f"{_APP}/formation", VIEW, formation.listed, "ps:scale"),
    Route("PATCH", f"{_APP}/formation", RUN, formation.update, "ps:scale, ps:type"),
    Route("GET", f"{_APP}/formation/{{formation}}", VIEW, formation.info),
    Route("PATCH", f"{_APP}/formation/{{formation}}", RUN, formation.update_one),
    Route("GET", f"{_APP}/dynos", VIEW, dynos.listed, "ps, ps:wait"),
    Route("POST", f"{_APP}/dynos", CONFIGURE, dynos.create, "run, run:detached"),
    Route("DELETE", f"{_APP}/dynos", RUN, dynos.restart_all, "ps:restart"),
    Route("POST", f"{_APP}/dynos/actions/stop", RUN, dynos.stop_all, "ps:stop"),
    Route("GET", _DYNO, VIEW, dynos.info, "run"),
    Route("DELETE", _DYNO, RUN, dynos.restart, "ps:restart web.1"),
    Route("POST", f"{_DYNO}/actions/stop", RUN, dynos.stop, "ps:stop web.1"),
    Route("DELETE", _TYPE, RUN, dynos.restart_type, "ps:restart -p web"),
    Route("POST", f"{_TYPE}/actions/stop", RUN, dynos.stop_type, "ps:stop -p web"),
    Route("GET", f"{_APP}/log-drains", PROTECTED, drains.listed, "drains"),
    Route("POST", f"{_APP}/log-drains", OPERATE, drains.add, "drains:add"),
    Route("GET", f"{_APP}/log-drains/{{drain:path}}", PROTECTED, drains.info),
    Route("DELETE", f"{_APP}/log-drains/{{drain:path}}", OPERATE, drains.remove, "drains:remove"),
    Route("POST", f"{_APP}/log-sessions", VIEW, log_sessions.create, "logs"),
    Route("GET", log_sessions.PATH, EVERYBODY, log_sessions.stream, "logs"),
)

_DEPLOYING: tuple[Route[Any], ...] = (
    Route("GET", f"{_APP}/releases", VIEW, releases.listed, "releases"),
    Route("POST", f"{_APP}/releases", RUN, releases.create, "rollback, releases:retry"),
    Route("GET", f"{_APP}/releases/{{release}}", VIEW, releases.info, "releases:info"),
    Route("GET", f"{_APP}/releases/{{release}}/config-vars", PROTECTED, config.of_release),
    Route("GET", f"{_APP}/slugs/{{slug}}", CODE, releases.slug, "apps:diff"),
    Route("POST", f"{_APP}/slugs", DEPLOY, releases.create_slug, "import"),
    Route("GET", f"{_APP}/builds", VIEW, builds.listed, "builds"),
    Route("POST", f"{_APP}/builds", DEPLOY, builds.create, "builds:create"),
    Route("GET", f"{_APP}/builds/{{build}}", CODE, builds.info, "builds:info"),
    Route("DELETE", f"{_APP}/builds/{{build}}", DEPLOY, builds.cancel, "builds:cancel"),
    Route("DELETE", f"{_APP}/build-cache", DEPLOY, builds.drop_cache, "builds:cache:purge"),
    Route("GET", f"{_APP}/buildpack-installations", VIEW, buildpacks.listed, "buildpacks"),
    Route("PUT", f"{_APP}/buildpack-installations", RUN, buildpacks.replace, "buildpacks:set"),
    Route("POST", "/sources", WRITE, blobs.create_source, "builds:create"),
    Route("POST", f"{_APP}/sources", DEPLOY, blobs.create_source, "builds:create"),
    Route("PUT", "/sources/{source}", EVERYBODY, blobs.put_source, streams=True),
    Route("GET", "/sources/{source}", EVERYBODY, blobs.get_source),
    Route("GET", "/blobs/slugs/{blob}", EVERYBODY, blobs.get_slug, "import"),
    Route("PUT", "/blobs/slugs/{blob}", EVERYBODY, blobs.put_slug, "import", streams=True),
    Route("GET", "/blobs/builds/{blob}", EVERYBODY, blobs.get_build_source),
    Route("GET", "/streams/{stream}/{signature}", EVERYBODY, streams.output, "releases:output"),
)

_CATALOGUE: tuple[Route[Any], ...] = (
    Route("GET", "/regions", EVERYBODY, catalogue.regions, "regions"),
    Route("GET", "/regions/{region}", EVERYBODY, catalogue.region),
    Route("GET", "/generations", EVERYBODY, catalogue.generations),
    Route("GET", "/generations/{generation}", EVERYBODY, catalogue.generation),
    Route("GET", "/teams/{team}/available-generations", VIEW_TEAM, catalogue.generations),
    Route("GET", "/stacks", EVERYBODY, catalogue.stacks, "apps:stacks"),
    Route("GET", "/stacks/{stack}", EVERYBODY, catalogue.stack),
    Route("GET", f"{_APP}/available-stacks", VIEW, catalogue.stacks),
    Route("GET", "/dyno-sizes", EVERYBODY, catalogue.dyno_sizes, "ps:type"),
    Route("GET", "/dyno-sizes/{size}", EVERYBODY, catalogue.dyno_size),
    Route("GET", f"{_APP}/available-dyno-sizes", VIEW, catalogue.dyno_sizes),
)

_ADDONS: tuple[Route[Any], ...] = (
    Route("GET", "/addons", READ, addons.every, "addons --all"),
    Route("GET", "/addons/{addon}/addon-attachments", VIEW_ADDON, attachments.of_addon),
    Route("GET", "/addon-attachments", READ, attachments.every, "addons"),
    Route("POST", "/addon-attachments", WRITE, attachments.create, "addons:attach, pg:promote"),
    Route("DELETE", "/addon-attachments/{attachment}", WRITE, attachments.destroy),
    Route("POST", "/actions/addons/resolve", READ, addons.resolve, "addons:info"),
    Route("POST", "/actions/addon-attachments/resolve", READ, attachments.resolve, "pg:*"),
    Route("GET", f"{_APP}/addons", VIEW, addons.listed, "addons, apps:info"),
    Route("POST", f"{_APP}/addons", RUN, addons.create, "addons:create"),
    Route("GET", _ADDON, VIEW, addons.of_app, "addons:wait"),
    Route("PATCH", _ADDON, RUN, addons.update, "addons:upgrade, addons:rename"),
    Route("DELETE", _ADDON, RUN, addons.destroy, "addons:destroy"),
    Route("GET", f"{_APP}/addon-attachments", VIEW, attachments.of_app, "pg:*"),
    Route("GET", f"{_APP}/addon-attachments/{{attachment}}", VIEW, attachments.info),
)

_SCHEDULES = f"{_DATABASE}/transfer-schedules"
_BACKUPS: tuple[Route[Any], ...] = (
    Route("GET", _TRANSFERS, VIEW, transfers.listed, "pg:backups"),
    Route("GET", f"{_TRANSFERS}/{{transfer}}", VIEW, transfers.info, "pg:backups:info"),
    Route("DELETE", f"{_TRANSFERS}/{{transfer}}", OPERATE, transfers.delete, "pg:backups:delete"),
    Route(
        "POST",
        f"{_TRANSFERS}/{{transfer}}/actions/cancel",
        OPERATE,
        transfers.cancel,
        "pg:backups:cancel",
    ),
    Route(
        "POST",
        f"{_TRANSFERS}/{{transfer}}/actions/public-url",
        PROTECTED,
        transfers.public_url,
        "pg:backups:url, pg:backups:download",
    ),
    Route("GET", "/blobs/backups/{backup}", EVERYBODY, transfers.dump, "pg:backups:download"),
    Route(
        "POST", f"{_DATABASE}/backups", OPERATE_DATABASE, transfers.capture, "pg:backups:capture"
    ),
    Route(
        "POST",
        f"{_DATABASE}/restores",
        CONFIGURE_DATABASE,
        transfers.restore,
        "pg:backups:restore",
    ),
    Route("POST", f"{_DATABASE}/transfers", CONFIGURE_DATABASE, transfers.copy, "pg:copy"),
    Route("GET", _SCHEDULES, VIEW_DATABASE, schedules.listed, "pg:backups:schedules"),
    Route("POST", _SCHEDULES, OPERATE_DATABASE, schedules.put, "pg:backups:schedule"),
    Route(
        "DELETE",
        f"{_SCHEDULES}/{{schedule}}",
        OPERATE_DATABASE,
        schedules.remove,
        "pg:backups:unschedule",
    ),
)

_DOMAINS: tuple[Route[Any], ...] = (
    Route("GET", f"{_APP}/domains", VIEW, domains.listed, "domains"),
    Route("POST", f"{_APP}/domains", OPERATE, domains.add, "domains:add"),
    Route("GET", _DOMAIN, VIEW, domains.info, "domains:info, domains:wait"),
    Route("PATCH", _DOMAIN, OPERATE, domains.update, "domains:update, certs:add"),
    Route("DELETE", _DOMAIN, OPERATE, domains.remove, "domains:remove, domains:clear"),
    Route("GET", f"{_APP}/sni-endpoints", VIEW, sni_endpoints.listed, "certs, domains:add"),
    Route("POST", f"{_APP}/sni-endpoints", OPERATE, sni_endpoints.add, "certs:add"),
    Route("GET", _ENDPOINT, VIEW, sni_endpoints.info, "certs:info"),
    Route("PATCH", _ENDPOINT, OPERATE, sni_endpoints.update, "certs:update"),
    Route("DELETE", _ENDPOINT, OPERATE, sni_endpoints.remove, "certs:remove"),
    Route("POST", f"{_APP}/acm", OPERATE, acm.enable, "certs:auto:enable"),
    Route("DELETE", f"{_APP}/acm", OPERATE, acm.disable, "certs:auto:disable"),
    Route("PATCH", f"{_APP}/acm", OPERATE, acm.refresh, "certs:auto:refresh"),
)

_OWN: tuple[Route[Any], ...] = (
    Route("GET", "/hatoba/status", READ, hatoba.status, "hatoba status"),
    Route("GET", f"{_HATOBA}/registry", VIEW, hatoba.registry, "apps:info"),
    Route("POST", f"{_HATOBA}/plans", PRESENT, hatoba.make_plan, "every change"),
    Route("GET", f"{_HATOBA}/plans/{{plan}}", VIEW, hatoba.plan, "--plan ID"),
    Route("POST", f"{_HATOBA}/plans/{{plan}}/actions/use", PRESENT, hatoba.use_plan, "--plan ID"),
    Route("POST", f"{_HATOBA}/receipts", KEEP_RECORDS, hatoba.keep_receipt, "every change"),
    Route("GET", f"{_HATOBA}/receipts", RECORDS, hatoba.list_receipts, "receipts"),
    Route("GET", f"{_HATOBA}/receipts/{{receipt}}", RECORDS, hatoba.receipt, "receipts:info"),
    Route("POST", "/hatoba/receipts", WRITE, hatoba.keep_own_receipt, "every change"),
    Route("GET", "/hatoba/receipts", READ, hatoba.list_own_receipts, "receipts --account"),
    Route("GET", "/hatoba/receipts/{receipt}", READ, hatoba.own_receipt, "receipts:info"),
    Route("POST", f"{_HATOBA}/fingerprints", PROTECTED, hatoba.fingerprints, "config:set"),
    Route("GET", f"{_HATOBA}/log-drains/{{drain}}/delivery", VIEW, drains.delivery, "drains:add"),
    Route("GET", "/hatoba/trash", READ, hatoba.trash, "apps:trash"),
    Route("POST", "/hatoba/trash/{id}/actions/restore", WRITE, hatoba.restore, "apps:restore"),
)

TABLE: tuple[Route[Any], ...] = (
    *ACCOUNTS,
    *TEAMS,
    *_APPS,
    *_RUNNING,
    *_DEPLOYING,
    *_CATALOGUE,
    *_ADDONS,
    *DATABASES,
    *DATA_POSTGRES,
    *MAINTENANCES,
    *_BACKUPS,
    *_DOMAINS,
    *CHECKS,
    *PIPELINES,
    *REVIEW_APPS,
    *SETUPS,
    *TEST_RUNS,
    *SESSIONS,
    *KEY_VALUES,
    *FEATURES,
    *IMAGES,
    *SCHEDULER,
    *WEBHOOKS,
    *SERVICES,
    *PROVIDERS,
    *METRICS,
    *TELEMETRY,
    *UNSOLD,
    *_OWN,
)
