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

# Upkeep of Heroku's own servers, and its Advanced tier of Postgres.
DATA = (
    *(
        Line(text, "", code=2)
        for text in (
            "data:maintenances -a mast",
            "data:maintenances:history ledger",
            "data:maintenances:info ledger",
            "data:maintenances:run ledger --confirm mast",
            "data:maintenances:schedule ledger --week 2030-01-01",
            "data:maintenances:wait ledger",
            "data:maintenances:window ledger",
            "data:maintenances:window:update ledger thursday 13:30UTC",
        )
    ),
    Line("data:pg:create -a mast --level 4G-Performance --version 17", "", code=2),
)

LOCAL = (
    Line("local:run -e local.env -- sh -c 'echo greeting is $GREETING'", "greeting is Ahoy"),
    Line("certs:generate www.mast.example -a mast --now --selfsigned", "self-signed certificate"),
)
