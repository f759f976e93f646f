"""Review apps and tests, telemetry, and what only Heroku's own machines have."""

from __future__ import annotations

from tests.e2e.official.harness import Line

TELEMETRY = (
    Line("telemetry -a wire", "no telemetry drains"),
    Line(
        "telemetry:add http://127.0.0.1:{sink}/v1 --app wire --signals logs --transport http",
        "successfully added drain",
    ),
    Line("telemetry -a wire", "logs", saves={"drain": r"([0-9a-f]{8}-[0-9a-f-]{27})"}),
    Line("telemetry:info {drain}", "logs"),
    Line("telemetry:update {drain} --signals logs", "done"),
    Line("telemetry:remove {drain}", "done"),
)

# There are no private spaces here, and the commands say so.
SPACES = (
    Line("spaces", "do not have access to any spaces", code=2),
    *(
        Line(text, "", code=2)
        for text in (
            "spaces:create -t harbourmasters -s harbour-space",
            "spaces:info -s none",
            "spaces:ps -s none",
            "spaces:topology -s none",
            "spaces:rename --from none --to some",
            "spaces:transfer -s none -t harbourmasters",
            "spaces:wait -s none",
            "spaces:destroy -s none --confirm none",
            "spaces:drains:get -s none",
            "spaces:drains:set https://logs.example.com -s none",
            "drains:get -s none",
            "drains:set https://logs.example.com -s none",
            "spaces:peerings none",
            "spaces:peerings:info none",
            "spaces:peerings:accept pcx-1 -s none",
            "spaces:peerings:destroy pcx-1 -s none --confirm pcx-1",
            "spaces:trusted-ips none",
            "spaces:trusted-ips:add 10.0.0.0/8 -s none",
            "spaces:trusted-ips:remove 10.0.0.0/8 -s none --confirm none",
            "spaces:vpn:connections -s none",
            "spaces:vpn:connect office --ip 192.0.2.1 --cidrs 10.0.0.0/8 -s none",
            "spaces:vpn:info office -s none",
            "spaces:vpn:config office -s none",
            "spaces:vpn:update office --ip 192.0.2.1 -s none",
            "spaces:vpn:wait office -s none",
            "spaces:vpn:destroy office -s none --confirm office",
        )
    ),
)

CI = (
    Line("ci:config -p fleet", "fleet test config vars"),
    Line("ci:config:set LEVEL=3 -p fleet", "LEVEL"),
    Line("ci:config:get LEVEL -p fleet", "3"),
    Line("ci:config:unset LEVEL -p fleet", "done"),
    Line("ci -p fleet", "Showing latest test runs"),
    Line("ci:last -p fleet", "No Heroku CI runs found"),
    Line("ci:info 1 -p fleet", "", code=2),
    Line("ci:open -p fleet", "", env={"BROWSER": "true"}),
    Line("reviewapps:wait -a mast", "", code=2),
)

# What is upkeep of servers at Heroku is done here when somebody asks for it; no Advanced tier.
DATA = (
    Line("addons:create heroku-redis:mini --name kelp -a mast --wait", "kelp"),
    Line("data:maintenances -a mast", "No maintenances found for app mast", code=2),
    Line("data:maintenances:history kelp", "does not have any maintenance history"),
    Line("data:maintenances:info kelp", ("none", "kelp")),
    Line("data:maintenances:wait kelp", "any maintenance in progress", code=2),
    Line("data:maintenances:window kelp", "done"),
    Line("data:maintenances:run kelp --confirm mast", "No maintenance of kelp", code=2),
    Line("data:maintenances:schedule kelp --week 2030-01-01", "No maintenance of kelp", code=2),
    Line("data:maintenances:window:update kelp thursday 13:30UTC", "Nothing is done", code=2),
    Line("data:pg:create -a mast --level 4G-Performance --version 17", "", code=2),
    Line(
        "data:pg:migrate -a mast",
        "haven't configured any migrations for mast",
        answers=(("What do you want to do", "\n"),),
    ),
)

LOCAL = (
    Line("local:run -e local.env -- sh -c 'echo greeting is $GREETING'", "greeting is Ahoy"),
    Line("local web", "casting off"),
    Line("local:start", "casting off"),
    Line("certs:generate www.mast.example -a mast --now --selfsigned", "self-signed certificate"),
    Line("ci:migrate-manifest", "You're all set!"),
    Line("repl", "mast", stdin="apps\nexit\n"),
    Line("accounts:add spare", ""),
    Line("accounts:remove spare", ""),
    Line("accounts:add mine", ""),
    Line("accounts:current", "You haven't set an account", code=2),
    Line("accounts:set mine", ""),
    Line("accounts:current", "Current account is mine"),
)
