"""The only reader of the environment: where the platform lives and how clients find it."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path

DEFAULT_PORT = 8080


@dataclass(frozen=True)
class Settings:
    """What the daemon needs to know before it can ask its database.

    ``data_dir`` holds everything that lasts; ``runtime_dir`` holds sockets, under a short
    path (a unix socket's path is limited to 107 bytes); ``work_dir`` holds what processes of
    other users must reach: dynos' homes, builds, the copied Postgres binaries. ``domain`` is the
    public name of the platform, ``certificate`` a PEM chain and key for it and for all names
    below it. ``builders`` are the images that may build apps on the stack cnb, the usual first.
    """

    data_dir: Path
    port: int
    engine: str
    database_url: str | None
    domain: str | None = None
    certificate: tuple[Path, Path] | None = None
    builders: tuple[str, ...] = ()

    @property
    def bind(self) -> str:
        """The address to listen on: only this machine's own while there is no domain."""
        return "0.0.0.0" if self.domain else "127.0.0.1"  # noqa: S104 a public name is for all

    @property
    def key(self) -> str:
        """Eight hex digits that name this platform among others on the machine."""
        return hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:8]

    @property
    def runtime_dir(self) -> Path:
        """Short folder for sockets and pid files."""
        return Path("/tmp") / f"hatoba-{os.getuid()}-{self.key}"  # noqa: S108 made with 0711 and checked

    @property
    def log_file(self) -> Path:
        """What the daemon itself prints."""
        return self.data_dir / "log" / "hatobad.log"

    @property
    def work_dir(self) -> Path:
        """Folder that other users may pass through; outside private homes when root."""
        if os.getuid() == 0 and not _passable(self.data_dir):
            return Path("/var/lib/hatoba") / self.key
        return self.data_dir / "work"


def _passable(path: Path) -> bool:
    """Tell whether every parent folder may be entered by any user."""
    return all(not p.exists() or p.stat().st_mode & 0o001 for p in (path, *path.parents))


def default_data_dir(env: Mapping[str, str]) -> Path:
    """Return where a platform lives when nobody says otherwise."""
    if os.getuid() == 0:
        return Path("/var/lib/hatoba/default")
    base = env.get("XDG_DATA_HOME")
    return (Path(base) if base else Path(env.get("HOME", "/")) / ".local/share") / "hatoba"


ENGINES = ("local", "swarm")
_DOCKER = "unix:///var/run/docker.sock"


def docker_socket(env: Mapping[str, str] | None = None) -> Path:
    """Return the socket of the Docker Engine that runs dynos. Raises ValueError for no socket."""
    source = os.environ if env is None else env
    address = source.get("HATOBA_DOCKER_HOST") or _DOCKER
    scheme, _, path = address.partition("://")
    if scheme != "unix" or not path.startswith("/"):
        raise ValueError(
            f"HATOBA_DOCKER_HOST must be a socket of this machine ({_DOCKER}), not {address!r}."
        )
    return Path(path)


# What a dyno may keep on disk, in megabytes: twice the largest slug.
_DYNO_DISK = "8192"


def dyno_disk(env: Mapping[str, str] | None = None) -> int:
    """Return the bytes that a dyno may keep on disk. Raises ValueError for no number."""
    return _number(env, "HATOBA_DYNO_DISK", _DYNO_DISK, "megabytes") * 1024 * 1024


# As long as Heroku: https://devcenter.heroku.com/changelog-items/3395
_RELEASE_DAYS = "30"


def release_days(env: Mapping[str, str] | None = None) -> int:
    """Return for how many days a release can be rolled back to. Raises ValueError for no number."""
    days = _number(env, "HATOBA_RELEASE_DAYS", _RELEASE_DAYS, "days")
    if days >= 36500:
        raise ValueError(f"HATOBA_RELEASE_DAYS must be less than a hundred years, not {days} days.")
    return days


# Of the usual images of a day's work, a hundred.
_UNRELEASED = "10240"


def unreleased_images(env: Mapping[str, str] | None = None) -> int:
    """Return the bytes of images that an app may have besides those that its releases run.

    Raises ValueError for no number.
    """
    return _number(env, "HATOBA_UNRELEASED_IMAGES", _UNRELEASED, "megabytes") * 1024 * 1024


def _number(env: Mapping[str, str] | None, name: str, usual: str, unit: str) -> int:
    """Return a variable's whole number above 0. Raises ValueError for anything else."""
    given = (os.environ if env is None else env).get(name) or usual
    if not given.isascii() or not given.isdigit() or not int(given):
        raise ValueError(f"{name} must be a number of {unit}, not {given!r}.")
    return int(given)


# Docker's own pools are good for 31 networks. These are for 65,536 apps.
_DYNO_NETWORKS = "10.192.0.0/10"


def dyno_networks(env: Mapping[str, str] | None = None) -> IPv4Network:
    """Return the addresses that apps' networks are made from. Raises ValueError for others."""
    source = os.environ if env is None else env
    given = source.get("HATOBA_DYNO_NETWORKS") or _DYNO_NETWORKS
    try:
        found = IPv4Network(given)
    except ValueError:
        found = None
    if found is None or found.prefixlen > 24:
        raise ValueError(
            f"HATOBA_DYNO_NETWORKS must be a range of at least 256 addresses such as "
            f"{_DYNO_NETWORKS}, not {given!r}."
        )
    return found


def stack(data_dir: Path, env: Mapping[str, str] | None = None) -> Path | None:
    """Return the archive of the stack that apps are built in and run on in containers.

    None is this machine's own system. A name without a slash is one of the platform's own stacks.
    """
    source = os.environ if env is None else env
    chosen = source.get("HATOBA_STACK") or "machine"
    if chosen == "machine":
        return None
    return Path(chosen).absolute() if "/" in chosen else stack_archive(data_dir, chosen)


def stack_archive(data_dir: Path, name: str) -> Path:
    """Return where the platform keeps the stack of that name."""
    return data_dir / "stacks" / f"{name}.tar.zst"


def _builders(source: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(source.get("HATOBA_CNB_BUILDER", "").replace(",", " ").split()))
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*", name):
            raise ValueError(
                f"HATOBA_CNB_BUILDER must name images such as heroku/builder:24, not {name!r}."
            )
    return names


def _engine(source: Mapping[str, str]) -> str:
    engine = source.get("HATOBA_ENGINE") or ENGINES[0]
    if engine not in ENGINES:
        raise ValueError(f"HATOBA_ENGINE must be {' or '.join(ENGINES)}, not {engine!r}.")
    return engine


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the daemon's settings. Raises ValueError, with one clear line, on a bad value."""
    source = os.environ if env is None else env
    raw = source.get("HATOBA_PORT", str(DEFAULT_PORT))
    if not raw.isdigit() or not 0 < int(raw) < 65536:
        raise ValueError(f"HATOBA_PORT must be a port number between 1 and 65535, not {raw!r}.")
    chosen = source.get("HATOBA_DATA_DIR")
    return Settings(
        data_dir=(Path(chosen) if chosen else default_data_dir(source)).absolute(),
        port=int(raw),
        engine=_engine(source),
        database_url=source.get("HATOBA_DATABASE_URL") or None,
        domain=_domain(source.get("HATOBA_DOMAIN")),
        certificate=_certificate(source),
        builders=_builders(source),
    )


def _domain(given: str | None) -> str | None:
    name = (given or "").strip().rstrip(".").lower()
    if name and not re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z]", name):
        raise ValueError(f"HATOBA_DOMAIN must be a name such as paas.example.com, not {given!r}.")
    return name or None


def _certificate(source: Mapping[str, str]) -> tuple[Path, Path] | None:
    chain, key = source.get("HATOBA_CERTIFICATE"), source.get("HATOBA_CERTIFICATE_KEY")
    if bool(chain) != bool(key):
        raise ValueError("HATOBA_CERTIFICATE and HATOBA_CERTIFICATE_KEY go together.")
    return (Path(chain).absolute(), Path(key).absolute()) if chain and key else None


def chosen(
    data_dir: Path | None,
    port: int | None,
    engine: str | None,
    domain: str | None = None,
    cnb_builder: Sequence[str] = (),
) -> Settings:
    """Return the daemon's settings with what the command line says before the environment's."""
    said = {
        "HATOBA_DATA_DIR": data_dir,
        "HATOBA_PORT": port,
        "HATOBA_ENGINE": engine,
        "HATOBA_DOMAIN": domain,
        "HATOBA_CNB_BUILDER": " ".join(cnb_builder) or None,
    }
    return load({**os.environ, **{name: str(v) for name, v in said.items() if v is not None}})


@dataclass(frozen=True)
class ClientSettings:
    """What a client needs to know: which platform, whose token, which app, how to print.

    ``host`` is HEROKU_HOST (None: the Hatoba of ``port`` or ``data_dir``). ``port`` is None
    when HATOBA_PORT is not set; ``data_dir`` is always a folder, by default the user's own.
    ``ca`` is a PEM file of authorities to check the platform's certificate with, besides those
    that a login has kept. ``import_key`` is a token for the platform that apps are taken from.
    ``team`` is HEROKU_TEAM, the team of commands that act on one.
    ``completion`` is what a shell asks for while its user types. ``display`` says whether a web
    browser can be shown.
    """

    host: str | None
    api_key: str | None
    app: str | None
    port: int | None
    data_dir: Path
    config_dir: Path
    netrc: Path
    color: bool
    term: str
    no_proxy: str
    ca: Path | None = None
    import_key: str | None = None
    team: str | None = None
    home: Path = field(default_factory=Path.home)
    shell: str = "/bin/sh"
    node_options: str = ""
    editor: str = ""
    completion: str = ""
    display: bool = False


def load_client(env: Mapping[str, str] | None = None) -> ClientSettings:
    """Read the settings of a client. Raises ValueError, with one clear line, on a bad value."""
    source = os.environ if env is None else env
    daemon = load(source)
    home = Path(source.get("HOME") or Path.home())
    config = source.get("XDG_CONFIG_HOME")
    return ClientSettings(
        host=source.get("HEROKU_HOST") or None,
        api_key=source.get("HEROKU_API_KEY") or None,
        app=source.get("HEROKU_APP") or None,
        team=source.get("HEROKU_TEAM") or source.get("HEROKU_ORGANIZATION") or None,
        home=home,
        port=daemon.port if source.get("HATOBA_PORT") else None,
        data_dir=daemon.data_dir,
        config_dir=(Path(config) if config else home / ".config") / "hatoba",
        netrc=Path(source.get("NETRC") or home / ".netrc"),
        color=_wants_color(source),
        term=source.get("TERM", ""),
        completion=source.get("_HEROKU_COMPLETE", ""),
        editor=source.get("VISUAL") or source.get("EDITOR", ""),
        no_proxy=source.get("NO_PROXY") or source.get("no_proxy", ""),
        node_options=source.get("NODE_OPTIONS", ""),
        ca=Path(source["HATOBA_CA"]).absolute() if source.get("HATOBA_CA") else None,
        import_key=source.get("HATOBA_IMPORT_API_KEY") or None,
        shell=source.get("SHELL") or "/bin/sh",
        display=_has_display(source),
    )


def _has_display(env: Mapping[str, str]) -> bool:
    named = any(env.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))
    return named or sys.platform == "darwin"


def _wants_color(env: Mapping[str, str]) -> bool:
    """Honour NO_COLOR (https://no-color.org), Heroku's own switch and a dumb terminal."""
    if env.get("NO_COLOR") or env.get("HEROKU_COLOR") == "0":
        return False
    return env.get("TERM") != "dumb"


def daemon_environment(settings: Settings) -> dict[str, str]:
    """Return the environment that a daemon with these settings is started with."""
    chosen = {
        # The daemon starts processes all the time; gRPC's care for forks is only noise to it.
        "GRPC_ENABLE_FORK_SUPPORT": "0",
        "HATOBA_DATA_DIR": str(settings.data_dir),
        "HATOBA_PORT": str(settings.port),
        "HATOBA_ENGINE": settings.engine,
    }
    if settings.database_url:
        chosen["HATOBA_DATABASE_URL"] = settings.database_url
    if settings.domain:
        chosen["HATOBA_DOMAIN"] = settings.domain
    if settings.builders:
        chosen["HATOBA_CNB_BUILDER"] = " ".join(settings.builders)
    if settings.certificate:
        chain, key = settings.certificate
        chosen |= {"HATOBA_CERTIFICATE": str(chain), "HATOBA_CERTIFICATE_KEY": str(key)}
    return {**os.environ, **chosen}


def buildpack_folders(env: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Return the folders below which apps may name buildpacks of this machine."""
    source = os.environ if env is None else env
    words = source.get("HATOBA_BUILDPACKS", "").split(os.pathsep)
    return tuple(Path(word).absolute() for word in words if word)


def repository_folders(env: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Return the folders below which pipelines may be connected to repositories."""
    source = os.environ if env is None else env
    words = source.get("HATOBA_REPOSITORIES", "").split(os.pathsep)
    return tuple(Path(word).absolute() for word in words if word)


_REGISTRY_PREFIXES = ("UV_", "PIP_", "NPM_CONFIG_", "npm_config_", "YARN_")
_REGISTRY_NAMES = frozenset(
    "SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS "
    "HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy".split()
)


def registries(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the part of the environment that says how builds reach package registries."""
    source = os.environ if env is None else env
    return {
        name: value
        for name, value in source.items()
        if name.startswith(_REGISTRY_PREFIXES) or name in _REGISTRY_NAMES
    }


# https://letsencrypt.org/docs/acme-protocol-updates/
LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"


@dataclass(frozen=True)
class AcmeSettings:
    """The certificate authority that automatic certificates come from.

    ``directory`` is its ACME address, ``email`` whom it may write to, ``ca`` a PEM file of what
    its own certificate is checked against, when that is not publicly trusted.
    """

    directory: str
    email: str | None
    ca: Path | None


def acme(env: Mapping[str, str] | None = None) -> AcmeSettings:
    """Return the certificate authority to ask."""
    source = os.environ if env is None else env
    ca = source.get("HATOBA_ACME_CA")
    return AcmeSettings(
        directory=source.get("HATOBA_ACME_DIRECTORY") or LETS_ENCRYPT,
        email=source.get("HATOBA_ACME_EMAIL") or None,
        ca=Path(ca) if ca else None,
    )


_BUCKET_SETTINGS = (
    "HATOBA_BACKUPS_BUCKET",
    "HATOBA_BACKUPS_ENDPOINT",
    "HATOBA_BACKUPS_ACCESS_KEY",
    "HATOBA_BACKUPS_SECRET_KEY",
)


@dataclass(frozen=True)
class BackupBucket:
    """An S3-compatible bucket that keeps the backups of databases instead of the data folder."""

    name: str
    endpoint: str
    region: str
    prefix: str
    access_key: str
    secret_key: str = field(repr=False)


def backup_bucket(env: Mapping[str, str] | None = None) -> BackupBucket | None:
    """Return the bucket for backups. Raises ValueError when only a part of it is named."""
    source = os.environ if env is None else env
    given = {name: source.get(name, "") for name in _BUCKET_SETTINGS}
    if not any(given.values()):
        return None
    if missing := [name for name, value in given.items() if not value]:
        raise ValueError(f"The bucket for backups also needs {' and '.join(missing)}.")
    name, endpoint, access_key, secret_key = given.values()
    return BackupBucket(
        name=name,
        endpoint=endpoint,
        region=source.get("HATOBA_BACKUPS_REGION") or "us-east-1",
        prefix=source.get("HATOBA_BACKUPS_PREFIX", ""),
        access_key=access_key,
        secret_key=secret_key,
    )
