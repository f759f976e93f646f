"""What the official command line has and this one has not, and what takes its place."""

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


_ENDPOINT = "It names an SSL endpoint, an add-on that was before SNI: name a certificate, --name."
_SPACE = "An app here has no Private Space."
_EXTENSIONS = "A dump here makes the extensions that it needs by itself: leave it out."
_CLIENT = "An authorization's client is never another one here: make a new authorization."

# An option, alone or behind its command -> why it is not taken.
OPTIONS: dict[str, str] = {
    "--prompt": "Nothing that is missing is asked for: an error names it.",
    "--space": _SPACE,
    "apps -s": _SPACE,
    "apps:transfer --bulk": "It asks which apps: tell them to heroku apps:transfer:bulk instead.",
    "authorizations:update --client-id": _CLIENT,
    "authorizations:update --client-secret": _CLIENT,
    "certs:info --endpoint": _ENDPOINT,
    "certs:remove --endpoint": _ENDPOINT,
    "certs:update --endpoint": _ENDPOINT,
    "data:pg:settings --set": "Each setting has its command: heroku help pg:settings",
    "orgs --enterprise": "There are no enterprise accounts here: every team is listed.",
    "pg:backups:restore --extensions": _EXTENSIONS,
    "pg:backups:restore -e": _EXTENSIONS,
    "ps:autoscale:enable --notifications": "The platform sends no e-mail. Webhooks tell of the "
    "formation: heroku help webhooks:add",
    "telemetry -s": _SPACE,
    "telemetry:add -s": _SPACE,
    "telemetry:remove -s": _SPACE,
}


def option_reason(command: str, option: str) -> str | None:
    """Return why an option of the official command is not here; None for one that it hasn't."""
    return OPTIONS.get(f"{command} {option}") or OPTIONS.get(option)


def reason(name: str) -> str | None:
    """Return why the official command of that name is not here; None for a name that is none."""
    while name:
        if name in REASONS:
            return REASONS[name]
        name = name.rpartition(":")[0]
    return None
