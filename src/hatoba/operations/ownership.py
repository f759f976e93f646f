"""Who owns an app, and who may join it."""

from __future__ import annotations

from collections.abc import Iterator

from hatoba.client import account, apps, collaborators, teams
from hatoba.client.api import Api
from hatoba.client.errors import ApiError
from hatoba.errors import UsageError
from hatoba.operations.base import Kind, Operation, Review, Row, Ui
from hatoba.schema.hatoba import Check

TEAM_DOMAIN = "@herokumanager.com"


def owner_name(email: str) -> str:
    """Return how an owner is named: a team by its name, a person by their address."""
    return email.removesuffix(TEAM_DOMAIN)


class Transfer(Operation):
    """Gives an app to a team at once, or offers it to a person, who must accept."""

    name = "apps:transfer"

    def __init__(self, api: Api, app: str, recipient: str) -> None:
        super().__init__(api, app)
        self._to = recipient.strip()
        self._offered = False

    @property
    def ledger(self) -> str | None:
        """Nobody who gave an app away for good adds to its receipts: it goes to one's own."""
        return self.app if self._offered else None

    def review(self) -> Review:
        """Show who owns it. Raises UsageError when that is the recipient."""
        app, version = apps.reviewed(self.api, self.app)
        owner = owner_name(app.owner.email)
        if self._to.lower() == owner:
            raise UsageError(f"{owner} owns {app.name} already.")
        self._offered = "@" in self._to and app.team is None
        leaves = app.team is not None
        gone = " All collaborators will be removed from this app." if leaves else ""
        return Review(
            title=f"{app.name} belongs to {owner}",
            kind=Kind.CHANGE if self._offered else Kind.DESTRUCTIVE if leaves else Kind.RISKY,
            rows=(Row("~", "owner", owner, self._to, "once accepted" if self._offered else ""),),
            why=f"{self._to} decides about {app.name} from then on.{gone}",
            before={"owner": owner},
            after={"offered to" if self._offered else "owner": self._to},
            request={"recipient": self._to},
            version=version,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Offer it, or give it away."""
        with ui.progress(f"Transferring {self.app} to {self._to}") as line:
            if self._offered:
                account.offer(self.api, self.app, self._to, review.version)
                line.done("email sent" if self.api.target.is_heroku else "offered")
            else:
                teams.give(self.api, self.app, self._to, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Look for the offer, or for the new owner."""
        del review
        if self._offered:
            there = [one for one in account.transfers(self.api) if one.app.name == self.app]
            open_ = any(one.state == "pending" for one in there)
            yield Check(f"{self.app} is on offer to {self._to}", ok=open_, seen="")
            return
        try:
            owner = owner_name(apps.find(self.api, self.app).owner.email)
        except ApiError as error:
            if error.status != 403:
                raise
            yield Check(f"{self.app} is yours no more", ok=True, seen="")
            return
        good = owner == self._to.lower()
        yield Check(f"{self.app} belongs to {self._to}", ok=good, seen="" if good else owner)

    def undo(self, review: Review) -> str | None:
        """Return the command that takes an offer back; the new owner alone can give it back."""
        del review
        return f"heroku apps:transfers:cancel -a {self.app}" if self._offered else None


class Answer(Operation):
    """Accepts or declines an app that is on offer, or takes the offer back."""

    def __init__(self, api: Api, app: str, verb: str) -> None:
        super().__init__(api, app)
        self.name = f"apps:transfers:{verb}"
        self._verb = verb

    @property
    def ledger(self) -> str | None:
        """Only who has the app in the end adds to its receipts."""
        return self.app if self._verb == "accept" else None

    def review(self) -> Review:
        """Show the offer. Raises UsageError when there is none."""
        there = [one for one in account.transfers(self.api) if self.app in (one.app.name, one.id)]
        pending = [one for one in there if one.state == "pending"]
        if not pending:
            raise UsageError(f"{self.app} is not on offer. See: heroku apps:transfers")
        one = pending[-1]
        return Review(
            title=f"{one.owner.email} offers {one.app.name} to {one.recipient.email}",
            kind=Kind.CHANGE,
            before={"transfer": one.id, "owner": one.owner.email},
            after={"answer": self._verb},
            request={"id": one.id, "answer": self._verb},
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Answer."""
        doing = {"accept": "Accepting", "decline": "Declining", "cancel": "Taking back"}
        with ui.progress(f"{doing[self._verb]} {self.app}"):
            if self._verb == "cancel":
                account.withdraw(self.api, review.request["id"])
            else:
                state = "accepted" if self._verb == "accept" else "declined"
                account.answer(self.api, review.request["id"], state)

    def checks(self, review: Review) -> Iterator[Check]:
        """Look whether the offer is over, and whose the app is."""
        there = {one.id: one.state for one in account.transfers(self.api)}
        over = there.get(review.request["id"]) != "pending"
        yield Check("the offer is over", ok=over, seen="")
        if self._verb == "accept":
            mine, owner = apps.account(self.api).email, apps.find(self.api, self.app).owner.email
            yield Check(f"{self.app} is yours", ok=owner == mine, seen="")

    def undo(self, review: Review) -> str | None:
        """Return the command that gives the app back."""
        back = review.before["owner"]
        return f"heroku apps:transfer {back} -a {self.app}" if self._verb == "accept" else None


class Lock(Operation):
    """Keeps members of the team from joining an app by themselves, or lets them."""

    def __init__(self, api: Api, app: str, *, locked: bool) -> None:
        super().__init__(api, app)
        self.name = "apps:lock" if locked else "apps:unlock"
        self._locked = locked

    def review(self) -> Review:
        """Show whether it is locked."""
        _, version = apps.reviewed(self.api, self.app)
        before = teams.app(self.api, self.app).locked
        words = {True: "locked", False: "unlocked"}
        same = before == self._locked
        return Review(
            title=f"{self.app} is {words[before]}",
            kind=Kind.CHANGE,
            rows=() if same else (Row("~", "access", words[before], words[self._locked]),),
            before={"locked": before},
            after={"locked": self._locked},
            request={"locked": self._locked},
            version=version,
            nothing=f"{self.app} is already {words[before]}." if same else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Lock or unlock it."""
        with ui.progress(f"{'Locking' if self._locked else 'Unlocking'} {self.app}"):
            teams.lock(self.api, self.app, locked=self._locked, version=review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read it back."""
        del review
        now = teams.app(self.api, self.app).locked
        wanted = "locked" if self._locked else "open to its team"
        yield Check(f"{self.app} is {wanted}", ok=now == self._locked, seen="")

    def undo(self, review: Review) -> str:
        """Return the other command."""
        del review
        return f"heroku apps:{'unlock' if self._locked else 'lock'} -a {self.app}"


class Join(Operation):
    """Makes oneself a collaborator of an app of one's team, or leaves an app."""

    def __init__(self, api: Api, app: str, *, join: bool) -> None:
        super().__init__(api, app)
        self.name = "apps:join" if join else "apps:leave"
        self._join = join
        self._me = ""

    @property
    def ledger(self) -> str | None:
        """Who has left an app adds nothing to its receipts."""
        return self.app if self._join else None

    def review(self) -> Review:
        """Show whether one works on it."""
        _, version = apps.reviewed(self.api, self.app)
        self._me = apps.account(self.api).email
        there = self._me in _collaborators(self.api, self.app)
        if not self._join and not there:
            raise UsageError(f"You are no collaborator of {self.app}.")
        sign, before, after = ("+", "", "collaborator") if self._join else ("-", "collaborator", "")
        return Review(
            title=f"{self.app} and {self._me}",
            kind=Kind.CHANGE if self._join else Kind.RISKY,
            rows=(Row(sign, self._me, before, after),),
            why="Only somebody who manages the app can let you in again.",
            before={"collaborator": there},
            after={"collaborator": self._join},
            request={"user": self._me, "join": self._join},
            version=version,
            nothing=f"You work on {self.app} already." if self._join and there else None,
        )

    def apply(self, review: Review, ui: Ui) -> None:
        """Join or leave."""
        with ui.progress(f"{'Joining' if self._join else 'Leaving'} {self.app}"):
            if self._join:
                collaborators.join(self.api, self.app, self._me, review.version)
            else:
                collaborators.remove(self.api, self.app, self._me, review.version)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back; who has left may not see it any more."""
        del review
        try:
            there = self._me in _collaborators(self.api, self.app)
        except ApiError as error:
            if error.status != 403 or self._join:
                raise
            there = False
        wanted = "work on" if self._join else "work no more on"
        yield Check(f"you {wanted} {self.app}", ok=there == self._join, seen="")

    def undo(self, review: Review) -> str | None:
        """Return the command that leaves again."""
        del review
        return f"heroku apps:leave -a {self.app}" if self._join else None


def _collaborators(api: Api, app: str) -> list[str]:
    return [one.user["email"] for one in collaborators.listed(api, app)]
