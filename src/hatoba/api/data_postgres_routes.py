"""The routes of the younger data API for Postgres, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import READ
from hatoba.api.database_access import (
    CONFIGURE_DATABASE,
    OPERATE_DATABASE,
    PROTECTED_DATABASE,
    VIEW_DATABASE,
)
from hatoba.api.endpoint import Route
from hatoba.api.resources import data_postgres, database_credentials

_V1 = "/data/postgres/v1"
_ONE = f"{_V1}/{{database}}"
_CREDENTIALS = f"{_ONE}/credentials"
_CREDENTIAL = f"{_CREDENTIALS}/{{credential}}"

DATA_POSTGRES: tuple[Route[Any], ...] = (
    Route("GET", f"{_V1}/levels/advanced", READ, data_postgres.levels, "data:pg:levels"),
    Route("GET", f"{_V1}/pricing", READ, data_postgres.pricing, "data:pg:create"),
    Route("GET", f"{_ONE}/info", VIEW_DATABASE, data_postgres.info, "data:pg:info"),
    Route("GET", f"{_ONE}/wait_status", VIEW_DATABASE, data_postgres.wait_status, "data:pg:wait"),
    Route("GET", f"{_ONE}/settings", VIEW_DATABASE, data_postgres.settings, "data:pg:settings"),
    Route("PUT", f"{_ONE}/settings", OPERATE_DATABASE, data_postgres.change_settings),
    Route("GET", _CREDENTIALS, VIEW_DATABASE, data_postgres.list_credentials),
    Route("POST", _CREDENTIALS, CONFIGURE_DATABASE, database_credentials.create),
    Route("GET", _CREDENTIAL, PROTECTED_DATABASE, data_postgres.credential),
    Route("DELETE", _CREDENTIAL, CONFIGURE_DATABASE, database_credentials.destroy),
    Route("POST", f"{_CREDENTIAL}/rotate", CONFIGURE_DATABASE, database_credentials.rotate),
    Route(
        "POST", f"{_ONE}/rotate_credentials", CONFIGURE_DATABASE, database_credentials.rotate_all
    ),
    Route("GET", f"{_ONE}/quotas", VIEW_DATABASE, data_postgres.quotas, "data:pg:quotas"),
    Route("GET", f"{_ONE}/quotas/{{quota}}", VIEW_DATABASE, data_postgres.quota),
    Route("PATCH", f"{_ONE}/quotas/{{quota}}", OPERATE_DATABASE, data_postgres.change_quota),
    Route("POST", f"{_ONE}/pools", OPERATE_DATABASE, data_postgres.no_pool),
    Route("PATCH", f"{_ONE}/pools/{{pool}}", OPERATE_DATABASE, data_postgres.no_pool),
    Route("DELETE", f"{_ONE}/pools/{{pool}}", OPERATE_DATABASE, data_postgres.no_pool),
    Route("GET", f"{_ONE}/migrations", VIEW_DATABASE, data_postgres.no_target),
    Route("POST", f"{_ONE}/migrations", OPERATE_DATABASE, data_postgres.no_migration),
    Route("POST", f"{_ONE}/migrations/{{step}}", OPERATE_DATABASE, data_postgres.no_migration),
    Route("POST", f"{_ONE}/upgrade/run", OPERATE_DATABASE, data_postgres.upgrade),
)
