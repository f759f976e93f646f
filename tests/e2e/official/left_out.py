"""The commands that are not typed, each with its reason."""

from __future__ import annotations

_PLUGINS = "installs programs from npm into the user's own command"
_GITHUB = "asks kolkrabbi.heroku.com at its own port, Heroku's link to GitHub"
_DOCKER = "needs a Docker engine; typed by the tests of containers"
_EXEC = "opens SSH to port 80 of a host of Heroku's own"
_LOGIN = "is typed by the tests of access, by password and by browser"
_REVIEW = "is typed by the tests of review apps, on a pipeline with a repository"

LEFT_OUT: dict[str, str] = {
    **dict.fromkeys(
        (
            "plugins:add",
            "plugins:inspect",
            "plugins:install",
            "plugins:link",
            "plugins:remove",
            "plugins:reset",
            "plugins:uninstall",
            "plugins:unlink",
            "plugins:update",
            "update",
        ),
        _PLUGINS,
    ),
    **dict.fromkeys(("pipelines:connect", "pipelines:setup", "pipelines:diff"), _GITHUB),
    **dict.fromkeys(
        (
            "container:login",
            "container:logout",
            "container:pull",
            "container:push",
            "container:release",
            "container:rm",
            "container:run",
        ),
        _DOCKER,
    ),
    **dict.fromkeys(("ps:copy", "ps:exec", "ps:forward", "ps:socks"), _EXEC),
    **dict.fromkeys(("ci:run", "ci:rerun", "ci:debug"), _GITHUB),
    **dict.fromkeys(("auth:login", "auth:logout", "login", "logout"), _LOGIN),
    **dict.fromkeys(("reviewapps:create", "reviewapps:disable", "reviewapps:enable"), _REVIEW),
    "pg:pull": "is typed by the tests of database tools",
    "pg:push": "takes every server on localhost for one of the user's own",
    "search": "fills the whole terminal",
    "mcp:start": "looks for Heroku's MCP server where npm hasn't put it; other tests talk to it",
}
