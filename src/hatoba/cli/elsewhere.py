"""Commands of the official command line that are not here, each with what takes its place."""

from __future__ import annotations

_MAINTENANCES = (
    "Databases here have no maintenance windows: a version changes by heroku pg:upgrade:run "
    "or redis:upgrade, when you say so."
)

# A command or the beginning of its name -> why it is not here, or what does it here.
REASONS: dict[str, str] = {
    "accounts": "One login a platform: hatoba keeps them apart by HEROKU_HOST.",
    "autocomplete:create": "Nothing has to be made for it: heroku autocomplete",
    "autocomplete:doctor": "Nothing has to be made for it: heroku autocomplete",
    "autocomplete:options": "A shell asks by the script of heroku completion SHELL.",
    "dashboard": "There is no dashboard: heroku apps:favorites, heroku apps and heroku status",
    "data:maintenances": _MAINTENANCES,
    "data:pg": "The Advanced tier is Heroku's own. Databases here: heroku pg and heroku addons",
    "data:pg:attachments": "Attachments of databases: heroku addons -a APP",
    "data:pg:attachments:create": "heroku addons:attach DATABASE --as NAME -a APP does it.",
    "data:pg:attachments:destroy": "heroku addons:detach NAME -a APP does it.",
    "data:pg:create": "heroku addons:create heroku-postgresql:PLAN -a APP does it.",
    "data:pg:destroy": "heroku addons:destroy DATABASE does it.",
    "data:pg:docs": "heroku addons:docs heroku-postgresql does it.",
    "data:pg:fork": "heroku addons:create heroku-postgresql:PLAN --fork DATABASE -a APP does it.",
    "data:pg:levels": "Plans of databases: heroku addons:plans heroku-postgresql",
    "data:pg:update": "heroku addons:upgrade DATABASE PLAN does it.",
    "mcp": "See the how-to for agents: every command has --json and --plan.",
    "notifications": "Notifications are Heroku's own; see heroku receipts for what was changed.",
    "orgs:open": "There is no dashboard. See heroku teams and heroku members -t TEAM.",
    "plugins": "This command line takes no plugins; the official one does.",
    "repl": "There is no prompt of its own: use a shell, with heroku completion.",
    "sessions:destroy": "A browser's login leaves no session here. What gives access is a token: "
    "heroku authorizations, heroku authorizations:revoke ID",
    "spaces": "Private Spaces are networks in Heroku's own data centres. An app here has no space.",
    "version:info": "What changed is in the CHANGELOG of hatoba; heroku version says which it is.",
}


def reason(name: str) -> str | None:
    """Return why the official command of that name is not here; None for a name that is none."""
    while name:
        if name in REASONS:
            return REASONS[name]
        name = name.rpartition(":")[0]
    return None
