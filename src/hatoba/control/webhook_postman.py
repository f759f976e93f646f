"""Carries events to webhooks: each webhook by a task of its own, so that none waits for another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID, uuid4

import structlog
import urllib3

from hatoba import errors
from hatoba.control import webhooks
from hatoba.control.platform import Platform
from hatoba.control.webhook_outbox import BATCH, Shape, fan_out
from hatoba.model.webhook import Attempt, Delivery, Event, Webhook, after_attempt, signature
from hatoba.store import webhook_deliveries as rows
from hatoba.store import webhooks as webhook_rows
from hatoba.store.webhooks import WebhookRow

log = structlog.get_logger("webhooks")

ROUND_SECONDS = 1.0
# A receiver must answer within so many seconds, and so many may be busy with it at once.
ANSWER_SECONDS = 10.0
_AT_ONCE = 16


@dataclass(frozen=True)
class Letter:
    """One request to a receiver."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answered:
    """The status of an answer, or in a word why there was none."""

    code: int | None
    error: str | None = None


Post = Callable[[Letter], Answered]


class Postman:
    """Delivers what is due, until it is cancelled."""

    def __init__(self, p: Platform, shape: Shape, post: Post | None = None) -> None:
        self._p = p
        self._shape = shape
        self._post = post or send
        self._threads = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="webhook")
        self._busy: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Look every second for what is due; never ends by itself."""
        try:
            while True:
                await self.round()
                await self._p.clock.sleep(ROUND_SECONDS)
        finally:
            await self.close()

    async def round(self) -> None:
        """Make events of new changes, and set out with what is due."""
        while await fan_out(self._p, self._shape) == BATCH:
            pass
        async with self._p.store.begin() as conn:
            due = await rows.due(conn, self._p.clock.now())
        for webhook_id in due - self._busy.keys():
            task = asyncio.create_task(self._carry(webhook_id), name=f"webhook {webhook_id}")
            self._busy[webhook_id] = task
            task.add_done_callback(self._back)

    def _back(self, task: asyncio.Task[None]) -> None:
        for webhook_id, under_way in list(self._busy.items()):
            if under_way is task:
                del self._busy[webhook_id]

    async def idle(self) -> None:
        """Wait until nobody is under way."""
        while self._busy:
            await asyncio.wait(set(self._busy.values()))

    async def close(self) -> None:
        """End all that are under way; what was not noted as delivered is sent again."""
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _carry(self, webhook_id: UUID) -> None:
        """Deliver what is due to one webhook in its order, until one fails."""
        try:
            while await self._next(webhook_id):
                pass
        except errors.Unavailable as error:
            log.warning("deliveries wait", webhook=str(webhook_id), why=error.message)

    async def _next(self, webhook_id: UUID) -> bool:
        """Attempt the oldest due delivery; tell whether to go on at once."""
        async with self._p.store.begin() as conn:
            row = await webhook_rows.by_id(conn, webhook_id)
            delivery = await rows.next_due(conn, webhook_id, self._p.clock.now())
            event = await rows.event(conn, delivery.app_id, delivery.event_id) if delivery else None
        if row is None or delivery is None or event is None:
            return False
        attempt_id = uuid4()
        answered = await self._answered(row, delivery, event, attempt_id)
        attempt = Attempt(attempt_id, self._p.clock.now(), answered.code, answered.error)
        async with self._p.store.begin() as conn:
            await rows.attempted(conn, delivery, attempt, after_attempt(delivery, attempt))
        return attempt.succeeded

    async def _answered(
        self, row: WebhookRow, delivery: Delivery, event: Event, attempt_id: UUID
    ) -> Answered:
        try:
            webhook = webhooks.opened(self._p, row)
        except errors.HatobaError as error:
            log.warning("a webhook can't be told", webhook=str(row.id), why=error.message)
            return Answered(None, "unreadable")
        letter = written(webhook, delivery, event, attempt_id)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._post, letter)


def written(webhook: Webhook, delivery: Delivery, event: Event, attempt_id: UUID) -> Letter:
    """Return the request that tells a webhook of an event. Pure."""
    at = event.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    content = {
        "id": str(event.id),
        "created_at": at,
        "updated_at": at,
        "sequence": None,
        **event.payload,
        "webhook_metadata": {
            "attempt": {"id": str(attempt_id)},
            "delivery": {"id": str(delivery.id)},
            "event": {"id": str(event.id), "include": event.include},
            "webhook": {"id": str(webhook.id)},
        },
    }
    body = json.dumps(content).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Heroku-Webhooks",
        "Heroku-Webhook-Hmac-SHA256": signature(webhook.secret, body),
        **({"Authorization": webhook.authorization} if webhook.authorization else {}),
    }
    return Letter(webhook.url, body, headers)


def send(letter: Letter) -> Answered:
    """Send the request; the answer's body is not read, a redirect not followed."""
    timeout = urllib3.Timeout(total=ANSWER_SECONDS)
    with urllib3.PoolManager(retries=False, timeout=timeout) as pool:
        try:
            answer = pool.request(
                "POST",
                letter.url,
                body=letter.body,
                headers=dict(letter.headers),
                redirect=False,
                preload_content=False,
            )
        except urllib3.exceptions.HTTPError as error:
            return Answered(None, _word(error))
        except (ValueError, OSError):
            return Answered(None, "invalid_url")
        answer.close()
        return Answered(answer.status)


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (urllib3.exceptions.NameResolutionError, "name_resolution"),
    (urllib3.exceptions.SSLError, "tls"),
    (urllib3.exceptions.NewConnectionError, "connection_refused"),
    (urllib3.exceptions.TimeoutError, "timeout"),
)


def _word(error: Exception) -> str:
    return next((word for kind, word in _WORDS if isinstance(error, kind)), "connection_lost")
