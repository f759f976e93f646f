"""The routes of key-value stores, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.endpoint import Route
from hatoba.api.key_value_access import (
    CONFIGURE_KEY_VALUE,
    OPERATE_KEY_VALUE,
    PROTECTED_KEY_VALUE,
    VIEW_KEY_VALUE,
)
from hatoba.api.resources import key_values

_STORE = "/redis/v0/databases/{addon}"

KEY_VALUES: tuple[Route[Any], ...] = (
    Route("GET", _STORE, PROTECTED_KEY_VALUE, key_values.info, "redis:info, redis:cli"),
    Route("GET", f"{_STORE}/wait", VIEW_KEY_VALUE, key_values.wait_status, "redis:wait"),
    Route("GET", f"{_STORE}/config", VIEW_KEY_VALUE, key_values.settings, "redis:maxmemory"),
    Route("PATCH", f"{_STORE}/config", OPERATE_KEY_VALUE, key_values.configure, "redis:maxmemory"),
    Route(
        "POST",
        f"{_STORE}/credentials_rotation",
        CONFIGURE_KEY_VALUE,
        key_values.rotate,
        "redis:credentials --reset",
    ),
    Route(
        "POST",
        f"{_STORE}/stats/reset",
        OPERATE_KEY_VALUE,
        key_values.reset_statistics,
        "redis:stats-reset",
    ),
    Route("POST", f"{_STORE}/upgrade", OPERATE_KEY_VALUE, key_values.upgrade, "redis:upgrade"),
)
