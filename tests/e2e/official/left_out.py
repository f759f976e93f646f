"""The commands that are not typed, each with its reason."""

from __future__ import annotations

_ALIASES = "keeps aliases for api.heroku.com on the user's own machine"
_PLUGINS = "installs programs from npm into the user's own command"
_GITHUB = "connects to GitHub by a service of Heroku's own"
_DOCKER = "needs a Docker engine; typed by the tests of containers"
_ADVANCED = "is for Heroku's Advanced tier alone"
_EXEC = "opens SSH to port 80 of a host of Heroku's own"
_FOLDER = "works on the folder alone, without the platform"
_LOGIN = "is typed by the tests of access, by password and by browser"
_REVIEW = "is typed by the tests of review apps, on a pipeline with a repository"
_TERMINAL = "fills the whole terminal"

LEFT_OUT: dict[str, str] = {
    **dict.fromkeys(
        ("accounts:add", "accounts:current", "accounts:remove", "accounts:set"), _ALIASES
    ),
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
    **dict.fromkeys(("local", "local:start", "ci:migrate-manifest"), _FOLDER),
    **dict.fromkeys(("auth:login", "auth:logout", "login", "logout"), _LOGIN),
    **dict.fromkeys(("reviewapps:create", "reviewapps:disable", "reviewapps:enable"), _REVIEW),
    "pg:pull": "is typed by the tests of database tools",
    "pg:push": "takes every server on localhost for one of the user's own",
    **dict.fromkeys(("data:pg:migrate", "data:pg:attachments:destroy"), _ADVANCED),
    **dict.fromkeys(("repl", "search", "mcp:start"), _TERMINAL),
}
