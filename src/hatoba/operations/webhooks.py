"""Adding, changing and removing webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from shlex import quote

from hatoba.client import apps, checks, webhooks
from hatoba.client.api import Api, Json
from hatoba.errors import UsageError
from hatoba.kit.secret import DOTS, masked_url
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.webhooks import Webhook


@dataclass(frozen=True)
class Wanted:
    """What a webhook is to be; None keeps what is there."""

    url: str
    include: tuple[str, ...]
    level: str
    secret: str | None = field(default=None, repr=False)
    authorization: str | None = field(default=None, repr=False)

    @property
    def body(self) -> Json:
        """What is sent."""
        secrets = {"secret": self.secret, "authorization": self.authorization}
        return {
            "url": self.url,
            "include": list(self.include),
            "level": self.level,
            **{name: value for name, value in secrets.items() if value is not None},
        }

    @property
    def shown(self) -> Json:
        """What a review and a receipt say of it."""
        return {"url": masked_url(self.url), "include": list(self.include), "level": self.level}


class AddWebhook(Operation):
    """Has somebody told of an app's changes. ``secret`` is what deliveries are signed with."""

    name = "webhooks:add"

    def __init__(self, api: Api, app: str, wanted: Wanted, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._wanted = wanted
        self.made: Webhook | None = None
        self.secret = ""

    def review(self) -> Review:
        """Show the webhooks that there are. Raises ApiError for one that can't be."""
        app, version = apps.reviewed(self.api, self.app)
        checks.webhook(self.api, app.name, self._wanted.body)
        there = webhooks.listed(self.api, self.app)
        wanted = self._wanted
        about = f"{', '.join(wanted.include)} ({wanted.level})"
        return Review(
            title=f"{app.name} webhooks: {len(there)}",
            rows=(Row("+", masked_url(wanted.url), "", about),),
            kind=Kind.CHANGE,
            before={"webhooks": [_shown(one) for one in there]},
            after={"webhooks": [*map(_shown, there), wanted.shown]},
            request=wanted.body,
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Add it."""
        with ui.progress(f"Adding webhook to {self.app}"):
            made = webhooks.add(self.api, self.app, review.request, review.version)
            self.made, self.secret = made

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        del review
        if self.made is None:
            return
        there = {one.id for one in webhooks.listed(self.api, self.app)}
        yield Check(f"webhook {self.made.id} is there", ok=self.made.id in there, seen="")

    def undo(self, review: Review) -> str | None:
        """Return the command that removes it."""
        del review
        return f"heroku webhooks:remove {self.made.id} -a {self.app}" if self.made else None

    def look(self) -> str:
        """Return the command that shows what was delivered."""
        return f"heroku webhooks:deliveries -a {self.app}"


class UpdateWebhook(Operation):
    """Changes a webhook."""

    name = "webhooks:update"

    def __init__(
        self, api: Api, app: str, webhook: str, wanted: Wanted, *, pace: Pace | None = None
    ) -> None:
        super().__init__(api, app, pace=pace)
        self._webhook = webhook
        self._wanted = wanted

    def review(self) -> Review:
        """Show what changes. Raises ApiError for what can't be."""
        app, version = apps.reviewed(self.api, self.app)
        before = webhooks.find(self.api, self.app, self._webhook)
        checks.webhook(self.api, app.name, self._wanted.body)
        after = self._wanted
        rows = [
            _changed("url", masked_url(before.url), masked_url(after.url), before.url != after.url),
            _changed("include", ", ".join(before.include), ", ".join(after.include)),
            _changed("level", before.level, after.level),
            Row("~", "secret", DOTS, f"{DOTS} (new)") if after.secret else None,
            Row("~", "authorization", DOTS, f"{DOTS} (new)") if after.authorization else None,
        ]
        changes = tuple(row for row in rows if row is not None)
        return Review(
            title=f"{app.name} webhook {before.id}",
            rows=changes,
            kind=Kind.RISKY,
            why=f"{masked_url(before.url)} may miss what it is told now.",
            before=_shown(before),
            after=after.shown,
            request=after.body,
            version=version,
            nothing=None if changes else "Nothing to change: the webhook is so already.",
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Change it."""
        with ui.progress(f"Updating webhook {self._webhook} for {self.app}"):
            webhooks.update(self.api, self.app, self._webhook, review.request, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        now = _shown(webhooks.find(self.api, self.app, self._webhook))
        yield Check("the webhook is as wanted", ok=now == review.after, seen="")

    def undo(self, review: Review) -> str | None:
        """Return the command that sets what was before, where no secret was replaced."""
        if "secret" in review.request or "authorization" in review.request:
            return None
        was = review.before
        return (
            f"heroku webhooks:update {quote(self._webhook)} -i {','.join(was['include'])} "
            f"-l {was['level']} -u {quote(was['url'])} -a {self.app}"
        )


class RemoveWebhook(Operation):
    """Has somebody told no more."""

    name = "webhooks:remove"

    def __init__(self, api: Api, app: str, webhook: str, *, pace: Pace | None = None) -> None:
        super().__init__(api, app, pace=pace)
        self._webhook = webhook

    def review(self) -> Review:
        """Show which one goes. Raises UsageError when the app has no such webhook."""
        app, version = apps.reviewed(self.api, self.app)
        there = webhooks.listed(self.api, self.app)
        gone = next((one for one in there if one.id == self._webhook), None)
        if gone is None:
            raise UsageError(
                f"{app.name} has no such webhook. See them: heroku webhooks -a {app.name}"
            )
        return Review(
            title=f"{app.name} webhooks: {len(there)}",
            rows=(Row("-", masked_url(gone.url), gone.id, ""),),
            kind=Kind.RISKY,
            why=f"{masked_url(gone.url)} is told no more; what is still on its way is dropped.",
            before={"webhooks": [_shown(one) for one in there]},
            after={"webhooks": [_shown(one) for one in there if one is not gone]},
            request={"webhook": gone.id},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Remove it."""
        with ui.progress(f"Removing webhook {self._webhook} from {self.app}"):
            webhooks.remove(self.api, self.app, review.request["webhook"], review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back."""
        left = {one.id for one in webhooks.listed(self.api, self.app)}
        yield Check("the webhook is gone", ok=review.request["webhook"] not in left, seen="")

    def undo(self, review: Review) -> str:
        """Return the command that adds one again; its secret is a new one."""
        after = review.after["webhooks"]
        gone = next(one for one in review.before["webhooks"] if one not in after)
        url = "URL" if DOTS in gone["url"] else quote(gone["url"])
        kinds = ",".join(gone["include"])
        return f"heroku webhooks:add -i {kinds} -l {gone['level']} -u {url} -a {quote(self.app)}"


def _changed(name: str, before: str, after: str, differs: bool | None = None) -> Row | None:
    changes = before != after if differs is None else differs
    return Row("~", name, before, after) if changes else None


def _shown(one: Webhook) -> Json:
    return {"url": masked_url(one.url), "include": list(one.include), "level": one.level}
