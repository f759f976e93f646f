"""The routes of app features and account features, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import ACCOUNT, IDENTITY, OPERATE, VIEW
from hatoba.api.endpoint import Route
from hatoba.api.resources import features

_FEATURES = "/apps/{app}/features"
_FEATURE = f"{_FEATURES}/{{feature}}"
_OF_ACCOUNT = "/account/features"
_ONE_OF_ACCOUNT = f"{_OF_ACCOUNT}/{{feature}}"

FEATURES: tuple[Route[Any], ...] = (
    Route("GET", _FEATURES, VIEW, features.listed, "features, labs"),
    Route("GET", _FEATURE, VIEW, features.info, "features:info, labs:info"),
    Route("PATCH", _FEATURE, OPERATE, features.update, "features:enable, labs:enable"),
    Route("GET", _OF_ACCOUNT, IDENTITY, features.of_account, "labs"),
    Route("GET", _ONE_OF_ACCOUNT, IDENTITY, features.account_feature, "reviewapps:enable"),
    Route("PATCH", _ONE_OF_ACCOUNT, ACCOUNT, features.account_feature),
)
