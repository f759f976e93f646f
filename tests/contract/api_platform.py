"""A platform for tests of the API: real Postgres, store, vault and HTTP; dynos that stand still."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import urllib3
import uvicorn
from starlette.applications import Starlette

from hatoba.addons.key_value.servers import KeyValuePlace, KeyValueServers
from hatoba.addons.partner.client import PartnerClient
from hatoba.addons.postgres.place import ServersPlace
from hatoba.addons.postgres.servers import Servers
from hatoba.api.app import create_app
from hatoba.auth import accounts, authorizations
from hatoba.auth.tokens import Tokens
from hatoba.control.backups_files import BackupFiles
from hatoba.control.couriers import CourierSet
from hatoba.control.place import Place
from hatoba.control.platform import Platform
from hatoba.control.pump import Pump
from hatoba.control.sessions import Sessions
from hatoba.control.traffic import Traffic
from hatoba.control.vault import Vault
from hatoba.engines.fake.engine import FakeEngine
from hatoba.images.files import BlobFiles
from hatoba.kit.clock import SystemClock
from hatoba.logs.hub import LogHub
from hatoba.logs.streams import OutputStreams
from hatoba.model.account import Account
from hatoba.model.dyno import Dyno, DynoKind, DynoState
from hatoba.registry import routes as registry
from hatoba.settings import Settings
from hatoba.store import dynos, slugs
from hatoba.store.database import Store
from hatoba.store.embedded import EmbeddedPostgres
from hatoba.store.tables import database_servers
from tests.contract.still import (
    StillAuthority,
    StillBuilder,
    StillJobs,
    StillLanes,
    StillRouter,
    Well,
)


@asynccontextmanager
async def database() -> AsyncIterator[str]:
    """Run a Postgres with our tables; yield its URL."""
    folder = Path(tempfile.mkdtemp(prefix="hatoba-api-"))
    folder.chmod(0o755)
    settings = Settings(data_dir=folder, port=1, engine="fake", database_url=None)
    server = EmbeddedPostgres(settings, notice=lambda _: None)
    try:
        await server.start()
        store = Store(server.url)
        await store.migrate()
        await store.close()
        yield server.url
    finally:
        await server.stop()
        shutil.rmtree(folder)
        shutil.rmtree(settings.runtime_dir, ignore_errors=True)


# Clients have threads of their own: they would take those away that the platform works in.
CLIENTS = ThreadPoolExecutor(32, thread_name_prefix="client")


@dataclass(frozen=True)
class Got:
    """An HTTP answer. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Api:
    """A client of the API under test, as one account."""

    url: str
    token: str
    account: Account
    platform: Platform
    tokens: Tokens
    pool: urllib3.PoolManager = field(repr=False)

    async def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        **headers: str,
    ) -> Got:
        """Send a request; header names are given with underscores, None of them is a default."""
        sent = {"Authorization": f"Bearer {self.token}", "Accept": ACCEPT}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        url = path if path.startswith("http") else self.url + path
        request = partial(self.pool.request, retries=False, timeout=30)
        asked = partial(request, method, url, body=data, headers=sent)
        answer = await asyncio.get_running_loop().run_in_executor(CLIENTS, asked)
        names = {name.lower(): value for name, value in answer.headers.items()}
        return Got(answer.status, names, answer.data)

    @property
    def engine(self) -> FakeEngine:
        """The engine behind the API."""
        assert isinstance(self.platform.engine, FakeEngine)
        return self.platform.engine

    @property
    def logs(self) -> LogHub:
        """The logs behind the API."""
        assert isinstance(self.platform.logs, LogHub)
        return self.platform.logs

    async def stranger(self) -> Api:
        """Return a client of another account."""
        return await signed_up(self.url, self.platform, self.tokens, self.pool)

    async def app(self) -> str:
        """Create an app and return its name."""
        made = await self("POST", "/apps", {"name": f"a-{uuid4().hex[:12]}"})
        assert made.status == 201, made
        return str(made.json["name"])


# The image by which apps on the stack cnb are built.
BUILDER = "harbour/builder:24"
ACCEPT = "application/vnd.heroku+json; version=3"


async def signed_up(url: str, platform: Platform, tokens: Tokens, pool: urllib3.PoolManager) -> Api:
    """Make an account and return a client for it."""
    account = await accounts.create(platform.store, f"{uuid4().hex[:8]}@harbour.example")
    _, token = await authorizations.issue(platform.store, account, description="Tests")
    return Api(url, token, account, platform, tokens, pool)


@asynccontextmanager
async def served(
    database: str, folder: Path, *, requests_an_hour: int = 1_000_000
) -> AsyncIterator[Api]:
    """Serve the API on a port of its own; yield a client for a new account."""
    # asyncio switches Nagle's delay off only on sockets that say that they are TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    store = Store(database)
    # Postgres refuses root: another user must reach its files.
    reachable = Path(tempfile.mkdtemp(prefix="hatoba-db-"))
    reachable.chmod(0o755)
    platform = _platform(store, folder, reachable, port)
    tokens = Tokens(store, platform.clock)
    made = create_app(platform, tokens, Well(), requests_an_hour=requests_an_hour)
    app = Starlette(routes=[*registry.routes(platform, tokens), *made.routes])
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    pool = urllib3.PoolManager(maxsize=20)
    api = await signed_up(f"http://127.0.0.1:{port}", platform, tokens, pool)
    try:
        yield api
    finally:
        pool.clear()
        server.should_exit = server.force_exit = True
        with suppress(asyncio.CancelledError):
            await serving
        listener.close()
        platform.sessions.close()
        await platform.couriers.close()
        await platform.databases.close()
        await platform.key_values.close()
        platform.partners.close()
        async with store.begin() as conn:
            # The servers' files go too; the next test's platform must not look for them.
            await conn.execute(database_servers.delete())
        shutil.rmtree(reachable)
        await api.engine.place.close()
        api.logs.close()
        await store.close()


def _platform(store: Store, folder: Path, reachable: Path, port: int) -> Platform:
    sources = folder / "sources"
    sources.mkdir()
    clock = SystemClock()
    engine, logs = FakeEngine(), LogHub(folder / "logs", clock)
    jobs = StillJobs()
    couriers, vault = CourierSet(folder / "drains"), Vault(os.urandom(32))
    platform = Platform(
        store=store,
        vault=vault,
        engine=engine,
        router=StillRouter(),
        logs=logs,
        streams=OutputStreams(folder / "streams"),
        builder=StillBuilder(folder),
        images=BlobFiles(folder / "registry"),
        clock=clock,
        place=Place(port, 0),
        sources=sources,
        repositories=folder / "repos",
        pump=Pump(engine, logs),
        sessions=Sessions(),
        lanes=StillLanes(),
        jobs=jobs,
        couriers=couriers,
        databases=Servers(
            ServersPlace(reachable, reachable / "work", reachable / "run"), notice=lambda _: None
        ),
        backups=BackupFiles(folder / "backups", vault),
        key_values=KeyValueServers(
            KeyValuePlace(reachable, reachable / "work", reachable / "run"), notice=lambda _: None
        ),
        partners=PartnerClient(seconds=1.0),
        authority=StillAuthority(),
        traffic=Traffic(store, clock),
        builders=(BUILDER,),
    )
    couriers.attach(platform)
    jobs.attach(platform)
    return platform


async def deployed(api: Api) -> dict[str, str]:
    """Create an app with a slug, two releases, a formation, a dyno and a build; name them."""
    name = await api.app()
    info = (await api("GET", f"/apps/{name}")).json
    store = api.platform.store
    async with store.begin() as conn:
        values = {"app_id": info["id"], "checksum": "ab" * 32, "size": 5, "stack": "heroku-24"}
        slug = await slugs.insert(conn, {**values, "process_types": {"web": "serve"}})
    for _ in range(2):
        release = await api("POST", f"/apps/{name}/releases", {"slug": str(slug)})
        assert release.status == 201, release
    dyno = await _dyno(api, info["id"], release.json["id"])
    source = (await api("POST", f"/apps/{name}/sources")).json["source_blob"]
    assert (await api("PUT", source["put_url"], raw=b"tar")).status == 200
    blob = {"url": source["get_url"], "version": "1a2b3c4d"}
    build = await api("POST", f"/apps/{name}/builds", {"source_blob": blob})
    assert build.status == 201, build
    drain = await api("POST", f"/apps/{name}/log-drains", {"url": "syslog://127.0.0.1:9"})
    assert drain.status == 201, drain
    return {
        "app": name,
        "drain": drain.json["token"],
        "slug": str(slug),
        "release": release.json["id"],
        "dyno": dyno.name,
        "type": "web",
        "build": build.json["id"],
        "formation": "web",
        "collaborator": api.account.email,
        "domain": f"{name}.localhost",
        "feature": "preboot",
        "region": "us",
        "stack": "heroku-24",
        "generation": "cedar",
        "size": "basic",
        "user": "~",
        "authorization": "~",
    }


async def _dyno(api: Api, app_id: str, release_id: str) -> Dyno:
    now = api.platform.clock.now()
    dyno = Dyno(
        id=uuid4(),
        app_id=UUID(app_id),
        kind=DynoKind.PROCESS,
        type="web",
        number=1,
        release_id=UUID(release_id),
        release_version=2,
        size="Basic",
        command="serve",
        state=DynoState.UP,
        since=now,
        created_at=now,
    )
    async with api.platform.store.begin() as conn:
        await dynos.insert(conn, dyno)
    return dyno
