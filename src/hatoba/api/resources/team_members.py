"""Who is in a team, and who is invited."""

from __future__ import annotations

from typing import Literal

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, Reply, SignedIn
from hatoba.api.encode import teams as encode
from hatoba.api.team_access import OnTeam
from hatoba.auth import teams
from hatoba.control import apps
from hatoba.model.team import Role

RoleName = Literal["admin", "member", "viewer", "collaborator"]


class Put(msgspec.Struct):
    """``PUT``, ``POST`` and ``PATCH /teams/{team}/members``; invitations take the same."""

    email: str
    role: RoleName | None = None
    federated: bool | None = None


def _role(call: OnTeam, wanted: Put) -> Role:
    if wanted.federated:
        raise errors.InvalidParams("There are no identity providers here to federate with.")
    return Role(wanted.role) if wanted.role else call.team.default_role or Role.MEMBER


async def listed(call: OnTeam) -> Answer:
    """List who is in the team."""
    found = await teams.members(call.platform.store, call.team)
    return Listing([encode.member(one) for one in found], ("email", "id"))


async def put(call: OnTeam) -> Answer:
    """Take an account into the team, or give it another role there."""
    wanted = decode.body(call, Put)
    made = await teams.put(call.platform.store, call.team, wanted.email, _role(call, wanted))
    return Reply(encode.member(made), 201)


async def change(call: OnTeam) -> Answer:
    """Give somebody in the team another role."""
    wanted = decode.body(call, Put)
    after = await teams.change(call.platform.store, call.team, wanted.email, _role(call, wanted))
    return Reply(encode.member(after))


async def remove(call: OnTeam) -> Answer:
    """Take somebody out of the team; everybody may leave."""
    gone = await teams.member(call.platform.store, call.team, call.path("member"))
    if gone.account_id != call.account.id and call.team.role is not Role.ADMIN:
        raise errors.Forbidden(f"Only an administrator of {call.team.name} may remove others.")
    await teams.remove(call.platform.store, call.team, gone)
    return Reply(encode.member(gone))


async def apps_of(call: OnTeam) -> Answer:
    """List the team's apps that a member works on."""
    one = await teams.member(call.platform.store, call.team, call.path("member"))
    found = await apps.of_collaborator(call.platform, call.team.id, one.account_id)
    place = call.platform.place
    return Listing([encode.app(app, place, joined=True) for app in found], ("name", "id"))


async def invitations(call: OnTeam) -> Answer:
    """List the open invitations."""
    found = await teams.invitations(call.platform.store, call.team)
    return Listing([encode.invitation(one) for one in found])


async def invite(call: OnTeam) -> Answer:
    """Invite an address, whether it has an account yet or not."""
    wanted = decode.body(call, Put)
    made = await teams.invite(
        call.platform.store, call.account, call.team, wanted.email, _role(call, wanted)
    )
    return Reply(encode.invitation(made), 201)


async def revoke(call: OnTeam) -> Answer:
    """Take an invitation back."""
    gone = await teams.invitation(call.platform.store, call.team, call.path("invitation"))
    await teams.revoke(call.platform.store, gone)
    return Reply(encode.invitation(gone))


async def invitation(call: SignedIn) -> Answer:
    """Tell the account about an invitation of its own."""
    found = await teams.invitation_for(call.platform.store, call.account, call.path("token"))
    return Reply(encode.invitation(found))


async def accept(call: SignedIn) -> Answer:
    """Take the place that the account was invited to."""
    made = await teams.accept(call.platform.store, call.account, call.path("token"))
    return Reply(encode.member(made), 201)
