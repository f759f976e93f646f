"""The tables, one module an area. A change comes with a migration in ``migrations/versions``."""

from hatoba.store.tables.access import (
    account_keys,
    allowed_services,
    app_transfers,
    oauth_clients,
    password_resets,
    pre_authorizations,
    team_invitations,
    team_members,
    teams,
)
from hatoba.store.tables.addons import addon_attachments, addons
from hatoba.store.tables.columns import metadata
from hatoba.store.tables.database_links import database_links
from hatoba.store.tables.databases import (
    database_credentials,
    database_reports,
    database_servers,
    database_trash,
    database_upgrades,
    databases,
)
from hatoba.store.tables.domains import domains, sni_endpoints
from hatoba.store.tables.drains import log_drains
from hatoba.store.tables.features import app_features
from hatoba.store.tables.images import blob_links, image_tags, images
from hatoba.store.tables.key_values import key_values
from hatoba.store.tables.pipelines import (
    pipeline_couplings,
    pipeline_promotion_targets,
    pipeline_promotions,
    pipelines,
)
from hatoba.store.tables.platform import (
    accounts,
    apps,
    authorizations,
    builds,
    collaborators,
    config_snapshots,
    dynos,
    formations,
    plans,
    receipts,
    releases,
    replies,
    slugs,
)
from hatoba.store.tables.providers import addon_providers, addon_resources
from hatoba.store.tables.review_apps import (
    pipeline_config_vars,
    pipeline_repositories,
    review_app_configs,
    review_apps,
)
from hatoba.store.tables.scheduler import scheduled_jobs, scheduled_runs
from hatoba.store.tables.setups import app_setups
from hatoba.store.tables.slug_drafts import slug_drafts
from hatoba.store.tables.telemetry import telemetry_drains
from hatoba.store.tables.test_runs import test_cases, test_runs
from hatoba.store.tables.traffic import favorites, monitors, traffic_counts
from hatoba.store.tables.webhooks import (
    webhook_changes,
    webhook_deliveries,
    webhook_events,
    webhooks,
)

__all__ = [
    "account_keys",
    "accounts",
    "addon_attachments",
    "addon_providers",
    "addon_resources",
    "addons",
    "allowed_services",
    "app_features",
    "app_setups",
    "app_transfers",
    "apps",
    "authorizations",
    "blob_links",
    "builds",
    "collaborators",
    "config_snapshots",
    "database_credentials",
    "database_links",
    "database_reports",
    "database_servers",
    "database_trash",
    "database_upgrades",
    "databases",
    "domains",
    "dynos",
    "favorites",
    "formations",
    "image_tags",
    "images",
    "key_values",
    "log_drains",
    "metadata",
    "monitors",
    "oauth_clients",
    "password_resets",
    "pipeline_config_vars",
    "pipeline_couplings",
    "pipeline_promotion_targets",
    "pipeline_promotions",
    "pipeline_repositories",
    "pipelines",
    "plans",
    "pre_authorizations",
    "receipts",
    "releases",
    "replies",
    "review_app_configs",
    "review_apps",
    "scheduled_jobs",
    "scheduled_runs",
    "slug_drafts",
    "slugs",
    "sni_endpoints",
    "team_invitations",
    "team_members",
    "teams",
    "telemetry_drains",
    "test_cases",
    "test_runs",
    "traffic_counts",
    "webhook_changes",
    "webhook_deliveries",
    "webhook_events",
    "webhooks",
]
