"""All commands: where each lives, and under which other names Heroku's users know it.

A table of words, so that a command can be found without importing any other.
"""

from __future__ import annotations

# Command -> module below hatoba.cli.commands and the name in it.
COMMANDS: dict[str, str] = {
    "access": "access:listing",
    "access:add": "access:add",
    "access:remove": "access:remove",
    "apps": "apps:listing",
    "apps:create": "apps_create:create",
    "apps:destroy": "apps_change:destroy",
    "apps:info": "apps:info",
    "apps:open": "apps:open_",
    "apps:rename": "apps_change:rename",
    "apps:restore": "apps_change:restore",
    "apps:stacks": "apps:stacks",
    "apps:trash": "apps:trash",
    "auth:login": "auth:login",
    "auth:logout": "auth:logout",
    "auth:token": "auth:token",
    "auth:whoami": "auth:whoami",
    "buildpacks": "buildpacks:listing",
    "buildpacks:add": "buildpacks:add",
    "buildpacks:clear": "buildpacks:clear",
    "buildpacks:remove": "buildpacks:remove",
    "buildpacks:set": "buildpacks:set_",
    "config": "config:listing",
    "config:get": "config:get",
    "config:set": "config_change:set_",
    "config:unset": "config_change:unset",
    "container:login": "container:login",
    "container:pull": "container:pull",
    "container:push": "container:push",
    "container:release": "container:release",
    "container:rm": "container:remove",
    "container:run": "container:run",
    "down": "platform:down",
    "drains": "drains:listing",
    "drains:add": "drains:add",
    "drains:remove": "drains:remove",
    "env": "platform:env",
    "git:clone": "git:clone",
    "git:credentials": "git:credentials_",
    "git:remote": "git:remote",
    "help": "help:show",
    "logs": "logs:logs",
    "maintenance": "maintenance:show",
    "maintenance:off": "maintenance:off",
    "maintenance:on": "maintenance:on",
    "pg:backups": "pg_backups:listing",
    "pg:backups:cancel": "pg_backups_change:cancel",
    "pg:backups:capture": "pg_backups_change:capture",
    "pg:backups:delete": "pg_backups_change:delete",
    "pg:backups:download": "pg_backups:download",
    "pg:backups:info": "pg_backups:info",
    "pg:backups:restore": "pg_backups_change:restore",
    "pg:backups:schedule": "pg_backups_change:schedule",
    "pg:backups:schedules": "pg_backups:schedules",
    "pg:backups:unschedule": "pg_backups_change:unschedule",
    "pg:backups:url": "pg_backups:url",
    "pg:copy": "pg_copy:copy",
    "platform:logs": "platform:logs",
    "ps": "ps:listing",
    "ps:restart": "ps_change:restart",
    "ps:scale": "ps_change:scale",
    "ps:stop": "ps_change:stop",
    "ps:type": "ps_change:type_",
    "ps:wait": "ps:wait",
    "receipts": "receipts:listing",
    "receipts:info": "receipts:info",
    "regions": "apps:regions",
    "releases": "releases:listing",
    "releases:info": "releases:info",
    "releases:output": "releases:output",
    "releases:rollback": "releases_change:rollback",
    "run": "run:attached",
    "run:detached": "run:detached",
    "status": "platform:status",
    "up": "platform:up",
    "version": "help:version",
}

# Other name -> command; the official command line has the same.
ALIASES: dict[str, str] = {
    "apps:delete": "apps:destroy",
    "apps:list": "apps",
    "config:add": "config:set",
    "config:remove": "config:unset",
    "create": "apps:create",
    "destroy": "apps:destroy",
    "dyno:kill": "ps:stop",
    "dyno:resize": "ps:type",
    "dyno:restart": "ps:restart",
    "dyno:scale": "ps:scale",
    "dyno:stop": "ps:stop",
    "dyno:type": "ps:type",
    "info": "apps:info",
    "kill": "ps:stop",
    "list": "apps",
    "login": "auth:login",
    "logout": "auth:logout",
    "open": "apps:open",
    "ps:kill": "ps:stop",
    "ps:resize": "ps:type",
    "rename": "apps:rename",
    "resize": "ps:type",
    "restart": "ps:restart",
    "rollback": "releases:rollback",
    "scale": "ps:scale",
    "stack": "apps:stacks",
    "stop": "ps:stop",
    "token": "auth:token",
    "whoami": "auth:whoami",
}

# Not listed in the help, because people don't call them.
HIDDEN = frozenset({"git:credentials"})


def resolve(name: str) -> str | None:
    """Return the command that a word names, or None."""
    name = ALIASES.get(name, name)
    return name if name in COMMANDS else None


def suggest(name: str) -> str | None:
    """Return the command that somebody probably meant."""
    from difflib import get_close_matches

    known = [*COMMANDS, *ALIASES]
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.5)), None)
