"""The environment that points the official command line and git at a Hatoba."""

from __future__ import annotations

import hashlib
import json
import ssl
from pathlib import Path

from hatoba.client.target import Target
from hatoba.kit import files
from hatoba.settings import ClientSettings

# Without these the official command calls Heroku's own hosts, in clear text some of them.
_OFFLINE = {
    "DISABLE_TELEMETRY": "true",
    "HEROKU_DISABLE_AUTOUPDATE": "1",
    "HEROKU_SKIP_NEW_VERSION_CHECK": "1",
}
# The official command takes scheme and port for these hosts from HEROKU_HOST, and sends its token.
_FIXED_HOSTS = (
    "api.metrics.heroku.com",
    "api.metrics.herokai.com",
    "particleboard.heroku.com",
    "telex.heroku.com",
)
_HOSTS_SCRIPT = """\
// Written by `hatoba env`. Programs of this shell find these hosts of Heroku on this machine, as by
// a line in /etc/hosts: the official heroku command asks them, whatever HEROKU_HOST says.
const dns = require("node:dns");
const here = new Set(HOSTS);
const lookup = dns.lookup;
dns.lookup = (host, ...rest) => lookup(here.has(host) ? "127.0.0.1" : host, ...rest);
"""


def variables(settings: ClientSettings, target: Target) -> dict[str, str]:
    """Return names and values; writes the bundle of authorities for git."""
    url = target.api_url
    found = {
        "HEROKU_HOST": url,
        "HEROKU_DATA_HOST": target.origin.host,
        "HEROKU_PARTICLEBOARD_URL": url,
        "HEROKU_LOGIN_HOST": url,
        "HEROKU_BUILDPACK_REGISTRY_URL": url,
        "HEROKU_STATUS_HOST": url,
        # pg:diagnose sends a database's password there: it must not leave the platform.
        "PGDIAGNOSE_URL": target.origin.host,
        "NO_PROXY": _no_proxy(settings.no_proxy),
        **_OFFLINE,
    }
    if target.token:
        found["HEROKU_API_KEY"] = target.token
    if target.ca:
        found["NODE_EXTRA_CA_CERTS"] = str(target.ca)
        found["GIT_SSL_CAINFO"] = str(_bundle(settings.config_dir, target))
    if target.origin.host in ("localhost", "127.0.0.1") and url.startswith("http://"):
        found["NODE_OPTIONS"] = _node_options(settings)
    return found


def _node_options(settings: ClientSettings) -> str:
    """Return node's options with our script; writes the script."""
    files.private_dir(settings.config_dir)
    path = settings.config_dir / "heroku-hosts.cjs"
    hosts = json.dumps(_FIXED_HOSTS)
    files.write_atomic(path, _HOSTS_SCRIPT.replace("HOSTS", hosts, 1), mode=0o644)
    quoted = str(path).replace("\\", "\\\\").replace('"', '\\"')
    ours = f'--require="{quoted}"'
    present = settings.node_options
    return present if ours in present else f"{present} {ours}".strip()


def _no_proxy(present: str) -> str:
    names = [name for name in present.split(",") if name]
    return ",".join(dict.fromkeys([*names, "localhost", "127.0.0.1", ".localhost"]))


def _bundle(config_dir: Path, target: Target) -> Path:
    """Write the platform's authority together with the machine's own.

    git takes GIT_SSL_CAINFO for every host: with ours alone it would refuse all others.
    """
    assert target.ca is not None  # noqa: S101 asked before
    system = ssl.get_default_verify_paths().cafile
    parts = [Path(system).read_text()] if system and Path(system).is_file() else []
    files.private_dir(config_dir)
    content = "\n".join([*parts, target.ca.read_text()])
    path = config_dir / f"ca-{hashlib.sha256(content.encode()).hexdigest()[:12]}.pem"
    files.write_atomic(path, content, mode=0o644)
    return path
