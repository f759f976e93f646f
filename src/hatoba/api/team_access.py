"""The access rule of teams that the path names."""

from __future__ import annotations

from dataclasses import dataclass, field

from hatoba.api.access import WithToken
from hatoba.api.call import Call, SignedIn
from hatoba.auth import teams
from hatoba.auth.scopes import Scope
from hatoba.model.team import Role, Team


@dataclass(frozen=True)
class OnTeam(SignedIn):
    """A request about a team which the account may make."""

    team: Team = field(kw_only=True)


@dataclass(frozen=True)
class ToTeam:
    """An account that is at least this in the team which the path names."""

    scope: Scope
    least: Role

    async def admit(self, call: Call) -> OnTeam:
        """Find the team and check what the account is there."""
        signed = await WithToken(self.scope).admit(call)
        return signed.about(
            OnTeam,
            team=await teams.find_as(
                call.platform.store, signed.account, call.path("team"), self.least
            ),
        )


VIEW_TEAM = ToTeam(Scope.READ, Role.COLLABORATOR)
SEE_MEMBERS = ToTeam(Scope.READ, Role.VIEWER)
# Who is in a team decides over apps and config vars alike, so no lesser scope will do.
IN_TEAM = ToTeam(Scope.GLOBAL, Role.COLLABORATOR)
LEAD_TEAM = ToTeam(Scope.GLOBAL, Role.ADMIN)
