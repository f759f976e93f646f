"""The routes of databases, as in ``routes``."""

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
from hatoba.api.resources import (
    database_credentials,
    database_links,
    database_pooling,
    database_reports,
    database_settings,
    database_upgrades,
    databases,
)

_DATABASE = "/client/v11/databases/{database}"
_UPGRADE = f"{_DATABASE}/upgrade"
_POSTGRES = "/postgres/v0/databases/{database}"
_CONFIG = f"{_POSTGRES}/config"
_CREDENTIAL = f"{_POSTGRES}/credentials/{{credential}}"
_TRASH = "/hatoba/databases/{database}/trash"

DATABASES: tuple[Route[Any], ...] = (
    Route("GET", _DATABASE, VIEW_DATABASE, databases.info, "pg:info"),
    Route("GET", f"{_DATABASE}/wait_status", VIEW_DATABASE, databases.wait_status, "pg:wait"),
    Route("PUT", f"{_DATABASE}/reset", OPERATE_DATABASE, databases.reset, "pg:reset"),
    Route(
        "POST",
        f"{_DATABASE}/connection_reset",
        OPERATE_DATABASE,
        databases.end_sessions,
        "pg:killall",
    ),
    Route("PUT", f"{_DATABASE}/unfollow", OPERATE_DATABASE, databases.unfollow, "pg:unfollow"),
    Route("GET", f"{_DATABASE}/bastion", VIEW_DATABASE, databases.bastion),
    Route("GET", f"{_DATABASE}/links", VIEW_DATABASE, database_links.listed, "pg:links"),
    Route(
        "POST",
        f"{_DATABASE}/links",
        CONFIGURE_DATABASE,
        database_links.create,
        "pg:links:create",
    ),
    Route(
        "DELETE",
        f"{_DATABASE}/links/{{link}}",
        CONFIGURE_DATABASE,
        database_links.destroy,
        "pg:links:destroy",
    ),
    Route("POST", f"{_UPGRADE}/{{step}}", OPERATE_DATABASE, database_upgrades.step, "pg:upgrade:*"),
    Route(
        "GET",
        f"{_UPGRADE}/wait_status",
        VIEW_DATABASE,
        database_upgrades.wait_status,
        "pg:upgrade:wait",
    ),
    Route("PUT", f"{_DATABASE}/stats_reset", OPERATE_DATABASE, databases.reset_statistics),
    Route("GET", f"{_DATABASE}/metrics", VIEW_DATABASE, database_reports.metrics, "pg:diagnose"),
    Route("GET", f"{_DATABASE}/burst_status", VIEW_DATABASE, database_reports.burst_status),
    Route("POST", "/reports", READ, database_reports.make, "pg:diagnose"),
    Route("GET", "/reports/{report}", READ, database_reports.info, "pg:diagnose REPORT"),
    Route(
        "POST",
        f"{_DATABASE}/connection-pooling",
        OPERATE_DATABASE,
        database_pooling.attach,
        "pg:connection-pooling:attach",
    ),
    Route("GET", _CONFIG, VIEW_DATABASE, database_settings.listed, "pg:settings"),
    Route("PATCH", _CONFIG, OPERATE_DATABASE, database_settings.change, "pg:settings:*"),
    Route("GET", f"{_POSTGRES}/credentials", PROTECTED_DATABASE, database_credentials.listed),
    Route("POST", f"{_POSTGRES}/credentials", CONFIGURE_DATABASE, database_credentials.create),
    Route("GET", _CREDENTIAL, PROTECTED_DATABASE, database_credentials.info),
    Route("DELETE", _CREDENTIAL, CONFIGURE_DATABASE, database_credentials.destroy),
    Route(
        "POST",
        f"{_CREDENTIAL}/credentials_rotation",
        CONFIGURE_DATABASE,
        database_credentials.rotate,
        "pg:credentials:rotate",
    ),
    Route(
        "POST",
        f"{_POSTGRES}/credentials_rotation",
        CONFIGURE_DATABASE,
        database_credentials.rotate_all,
        "pg:credentials:rotate --all",
    ),
    Route(
        "POST",
        f"{_POSTGRES}/repair-default",
        CONFIGURE_DATABASE,
        database_credentials.repair_default,
        "pg:credentials:repair-default",
    ),
    Route("GET", _TRASH, VIEW_DATABASE, databases.kept, "pg:trash"),
    Route(
        "POST",
        f"{_TRASH}/{{entry}}/actions/restore",
        OPERATE_DATABASE,
        databases.take_back,
        "pg:trash:restore",
    ),
)
