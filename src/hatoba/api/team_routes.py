"""The routes of teams, of who may work on their apps, and of guarded apps."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import ACCOUNT, MANAGE, PRESENT, READ, VIEW, WRITE
from hatoba.api.endpoint import Route
from hatoba.api.resources import (
    absent,
    collaborators,
    guards,
    team_apps,
    team_members,
    teams,
    unsold,
)
from hatoba.api.team_access import IN_TEAM, LEAD_TEAM, SEE_MEMBERS, VIEW_TEAM

_TEAM = "/teams/{team}"
_APP = "/teams/apps/{app}"
_GUARD = "/hatoba/apps/{app}/guard"
_MEMBERS = f"{_TEAM}/members"
_COLLABORATOR = f"{_APP}/collaborators/{{collaborator}}"
_SERVICES = f"{_TEAM}/allowed-addon-services"
_PROVIDERS = f"{_TEAM}/identity-providers"
_INVITATIONS = f"{_TEAM}/invitations"

# The longer paths first: no team is called apps, invitations or permissions.
TEAMS: tuple[Route[Any], ...] = (
    Route("GET", "/teams", READ, teams.listed, "teams"),
    Route("POST", "/teams", ACCOUNT, teams.create, "teams:create"),
    Route("POST", "/teams/apps", WRITE, team_apps.create, "apps:create --team"),
    Route("GET", "/teams/permissions", READ, team_apps.kinds, "access"),
    Route("GET", _APP, VIEW, team_apps.info, "apps:lock"),
    Route("PATCH", _APP, MANAGE, team_apps.update, "apps:lock, apps:transfer"),
    Route("PUT", "/apps/{app}/pre-authorizations", PRESENT, guards.pre_authorize),
    Route("GET", _GUARD, VIEW, guards.info, "apps:guard"),
    Route("PUT", _GUARD, MANAGE, guards.switch_on, "apps:guard"),
    Route("DELETE", _GUARD, MANAGE, guards.switch_off, "apps:unguard"),
    Route("GET", f"{_APP}/collaborators", VIEW, collaborators.listed),
    Route("POST", f"{_APP}/collaborators", PRESENT, collaborators.share, "access:add, apps:join"),
    Route("GET", _COLLABORATOR, VIEW, collaborators.info),
    Route("PATCH", _COLLABORATOR, MANAGE, collaborators.change, "access:update"),
    Route("DELETE", _COLLABORATOR, PRESENT, collaborators.remove),
    Route("GET", "/teams/invitations/{token}", ACCOUNT, team_members.invitation),
    Route("POST", "/teams/invitations/{token}/accept", ACCOUNT, team_members.accept),
    Route("GET", _TEAM, VIEW_TEAM, teams.info, "members"),
    Route("PATCH", _TEAM, IN_TEAM, teams.update, "teams:rename"),
    Route("DELETE", _TEAM, LEAD_TEAM, teams.destroy, "teams:destroy"),
    Route("GET", f"{_TEAM}/apps", VIEW_TEAM, team_apps.of_team, "apps --team"),
    Route("GET", f"{_TEAM}/addons", VIEW_TEAM, team_apps.addons_of_team),
    Route("GET", f"{_TEAM}/permissions", SEE_MEMBERS, team_apps.entities),
    Route("GET", f"{_TEAM}/features", VIEW_TEAM, teams.features, "access:add, members"),
    Route("GET", f"{_TEAM}/features/{{feature}}", VIEW_TEAM, teams.feature),
    Route("GET", f"{_TEAM}/preferences", VIEW_TEAM, teams.preferences),
    Route("PATCH", f"{_TEAM}/preferences", LEAD_TEAM, teams.prefer),
    Route("GET", _SERVICES, VIEW_TEAM, teams.services),
    Route("POST", _SERVICES, LEAD_TEAM, teams.allow),
    Route("DELETE", f"{_SERVICES}/{{service}}", LEAD_TEAM, teams.disallow),
    Route("GET", _MEMBERS, SEE_MEMBERS, team_members.listed, "members"),
    Route("PUT", _MEMBERS, LEAD_TEAM, team_members.put, "members:add"),
    Route("POST", _MEMBERS, LEAD_TEAM, team_members.put),
    Route("PATCH", _MEMBERS, LEAD_TEAM, team_members.change, "members:set"),
    Route("DELETE", f"{_MEMBERS}/{{member}}", IN_TEAM, team_members.remove, "members:remove"),
    Route("GET", f"{_MEMBERS}/{{member}}/apps", SEE_MEMBERS, team_members.apps_of),
    Route("GET", _INVITATIONS, SEE_MEMBERS, team_members.invitations),
    Route("PUT", _INVITATIONS, LEAD_TEAM, team_members.invite),
    Route("DELETE", f"{_INVITATIONS}/{{invitation}}", LEAD_TEAM, team_members.revoke),
    Route("GET", f"{_TEAM}/delinquency", VIEW_TEAM, absent.no_debts),
    Route("GET", f"{_TEAM}/invoices", LEAD_TEAM, absent.none),
    Route("GET", f"{_TEAM}/invoices/{{invoice}}", LEAD_TEAM, unsold.no_invoice),
    Route("GET", f"{_TEAM}/spaces", VIEW_TEAM, absent.none),
    Route("GET", _PROVIDERS, VIEW_TEAM, absent.none),
    Route("POST", _PROVIDERS, LEAD_TEAM, unsold.no_new_provider),
    Route("PATCH", f"{_PROVIDERS}/{{provider}}", LEAD_TEAM, unsold.no_provider),
    Route("DELETE", f"{_PROVIDERS}/{{provider}}", LEAD_TEAM, unsold.no_provider),
    Route("GET", f"{_TEAM}/usage/daily", VIEW_TEAM, absent.none),
    Route("GET", f"{_TEAM}/usage/monthly", VIEW_TEAM, absent.none),
)
