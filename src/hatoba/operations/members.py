"""Teams and who is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatoba.client import teams
from hatoba.client.api import Api
from hatoba.errors import UsageError
from hatoba.operations.base import Kind, Review
from hatoba.operations.entries import Entry
from hatoba.schema.hatoba import Check


class PutMember(Entry):
    """Takes an account into a team, or gives it another role there."""

    def __init__(self, api: Api, team: str, email: str, role: str, *, new: bool) -> None:
        super().__init__(api, email.strip().lower(), role)
        self.name = "members:add" if new else "members:set"
        self._team = team
        self._new = new
        self._before: str | None = None

    def present(self) -> Mapping[str, str]:
        """Return who is in the team, by address."""
        return {one.email: one.role for one in teams.members(self.api, self._team)}

    def check(self, before: str | None) -> None:
        """Only who is there has a role to be changed."""
        self._before = before
        if before is None and not self._new:
            raise UsageError(
                f"{self.key} is not in {self._team}. Add them: "
                f"heroku members:add {self.key} -t {self._team} -r {self.after}"
            )

    @property
    def why(self) -> str:
        """Say what another role means."""
        return f"{self.key} can do something else in all apps of {self._team} then."

    @property
    def doing(self) -> str:
        """Tell what is done."""
        if self._before is None:
            return f"Adding {self.key} to {self._team} as {self.after}"
        return f"Making {self.key} {self.after} of {self._team}"

    def carry_out(self) -> None:
        """Put the member."""
        teams.put_member(self.api, self._team, self.key, self.after)

    def undo(self, review: Review) -> str:
        """Return the command that takes it back."""
        if self._before is None:
            return f"heroku members:remove {self.key} -t {self._team}"
        return f"heroku members:set {self.key} -t {self._team} -r {self._before}"

    def look(self) -> str:
        """Return the command that shows the team."""
        return f"heroku members -t {self._team}"


class RemoveMember(Entry):
    """Takes an account out of a team, and off its apps."""

    name = "members:remove"

    def __init__(self, api: Api, team: str, email: str) -> None:
        super().__init__(api, email.strip().lower(), None)
        self._team = team
        self._before = ""

    def present(self) -> Mapping[str, str]:
        """Return who is in the team; nobody who left it may see that."""
        return {one.email: one.role for one in teams.members(self.api, self._team)}

    def check(self, before: str | None) -> None:
        """Only who is there can be removed."""
        if before is None:
            raise UsageError(
                f"{self.key} is not in {self._team}. See: heroku members -t {self._team}"
            )
        self._before = before

    @property
    def why(self) -> str:
        """Say what is lost."""
        return f"{self.key} loses access to all apps of {self._team}."

    @property
    def doing(self) -> str:
        """Tell what is done."""
        return f"Removing {self.key} from {self._team}"

    def carry_out(self) -> None:
        """Remove the member."""
        teams.remove_member(self.api, self._team, self.key)

    def checks(self, review: Review) -> Iterator[Check]:
        """Read the list back; who has left a team can't see it any more."""
        if all(one.name != self._team for one in teams.listed(self.api)):
            yield Check(f"you are not in {self._team} any more", ok=True, seen="")
            return
        yield from super().checks(review)

    def undo(self, review: Review) -> str:
        """Return the command that takes them in again."""
        del review
        return f"heroku members:add {self.key} -t {self._team} -r {self._before}"

    def look(self) -> str:
        """Return the command that shows the team."""
        return f"heroku members -t {self._team}"


class _OfTeams(Entry):
    """A change of which teams there are."""

    def present(self) -> Mapping[str, str]:
        """Return the teams, by name what the account is there."""
        return {one.name: one.role or "" for one in teams.listed(self.api)}

    def look(self) -> str:
        """Return the command that shows the teams."""
        return "heroku teams"


class CreateTeam(_OfTeams):
    """Makes a team, with the account as its administrator."""

    name = "teams:create"

    def __init__(self, api: Api, team: str) -> None:
        super().__init__(api, team, "admin")

    def check(self, before: str | None) -> None:
        """A team is made once."""
        if before is not None:
            raise UsageError(f"You are in a team {self.key} already.")

    @property
    def doing(self) -> str:
        """Tell what is done."""
        return f"Creating team {self.key}"

    def carry_out(self) -> None:
        """Make it."""
        teams.create(self.api, self.key)

    def undo(self, review: Review) -> str:
        """Return the command that removes it."""
        del review
        return f"heroku teams:destroy {self.key} --confirm {self.key}"


class DestroyTeam(_OfTeams):
    """Removes a team that owns nothing."""

    name = "teams:destroy"
    kind_of_removal = Kind.DESTRUCTIVE

    def __init__(self, api: Api, team: str) -> None:
        super().__init__(api, team, None)

    def check(self, before: str | None) -> None:
        """Only what is there can be removed."""
        if before is None:
            raise UsageError(f"You are in no team {self.key}. See: heroku teams")

    @property
    def why(self) -> str:
        """Say what is lost."""
        return f"Its members and invitations go with {self.key}."

    @property
    def doing(self) -> str:
        """Tell what is done."""
        return f"Destroying team {self.key}"

    def carry_out(self) -> None:
        """Remove it."""
        teams.destroy(self.api, self.key)
