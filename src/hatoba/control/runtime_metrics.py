"""What dynos use, as log lines: memory and load of every dyno of the apps that ask for it.

https://devcenter.heroku.com/articles/log-runtime-metrics
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from hatoba.control.platform import Platform
from hatoba.engines.base import EngineDyno, EngineState, Usage
from hatoba.model.feature import RUNTIME_METRICS_SECONDS, FeatureName
from hatoba.store import features as rows
from hatoba.store import telemetry as telemetry_rows

_MB = 1024 * 1024


async def run(p: Platform) -> None:
    """Log what dynos use every twenty seconds; never ends by itself."""
    while True:
        await log_once(p)
        await p.clock.sleep(RUNTIME_METRICS_SECONDS)


async def log_once(p: Platform) -> None:
    """Log what each dyno uses now, of the apps that have it switched on."""
    async with p.store.begin() as conn:
        apps = await rows.apps_with(conn, FeatureName.RUNTIME_METRICS)
        # Telemetry drains read the log, so what is to be measured for them is in it too.
        apps |= await telemetry_rows.measured(conn)
    if apps:
        await log_apps(p, apps)


async def log_apps(p: Platform, apps: Collection[UUID]) -> None:
    """Log what each dyno of these apps uses now."""
    for dyno in await p.engine.dynos():
        living = dyno.state is not EngineState.EXITED
        if living and dyno.app_id in apps and dyno.usage is not None:
            for text in lines(dyno, dyno.usage):
                p.logs.platform(dyno.app_id, dyno.name, text)


def lines(dyno: EngineDyno, usage: Usage) -> tuple[str, str]:
    """Return the two lines about one dyno. Pure."""
    # The middle part is the number of the app's place at Heroku; here there is one place.
    source = f"source={dyno.name} dyno=heroku.0.{dyno.id}"
    load = {"1m": usage.load_1m, "5m": usage.load_5m, "15m": usage.load_15m}
    memory = {
        "total": usage.rss + usage.cache + usage.swap,
        "rss": usage.rss,
        "cache": usage.cache,
        "swap": usage.swap,
        "quota": dyno.memory_limit,
    }
    return (
        " ".join([source, *(f"sample#load_avg_{k}={v:.2f}" for k, v in load.items())]),
        " ".join([source, *(f"sample#memory_{k}={v / _MB:.2f}MB" for k, v in memory.items())]),
    )
