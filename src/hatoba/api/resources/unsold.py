"""What only Heroku sells: spaces, enterprise accounts, invoices, text messages; said truthfully."""

from __future__ import annotations

from hatoba import errors
from hatoba.api.call import Answer, Call

_SPACES = "Private spaces are not offered: an app's network is that of the machine it runs on."
_ENTERPRISE = "Enterprise accounts are not offered. Share apps in a team: POST /teams."
_BILLING = "Nothing is billed here, so there are no {what}."


async def no_space(_: Call) -> Answer:
    """Say that there is no such space."""
    raise errors.NotFound("Couldn't find that space.", resource="space")


async def no_new_space(_: Call) -> Answer:
    """Say that spaces can't be made."""
    raise errors.InvalidParams(_SPACES)


async def no_enterprise(_: Call) -> Answer:
    """Say that there is no such enterprise account."""
    raise errors.NotFound(_ENTERPRISE, resource="enterprise_account")


async def no_credit(_: Call) -> Answer:
    """Say that there is no such credit."""
    raise errors.NotFound(_BILLING.format(what="credits"), resource="credit")


async def no_new_credit(_: Call) -> Answer:
    """Say that codes can't be turned into credits."""
    raise errors.InvalidParams(_BILLING.format(what="credits"))


async def no_invoice(_: Call) -> Answer:
    """Say that there is no such invoice."""
    raise errors.NotFound(_BILLING.format(what="invoices"), resource="invoice")


async def no_address(_: Call) -> Answer:
    """Say that there is no address for invoices."""
    raise errors.NotFound(_BILLING.format(what="invoices"), resource="invoice_address")


async def no_new_address(_: Call) -> Answer:
    """Say that no address for invoices is kept."""
    raise errors.InvalidParams(_BILLING.format(what="invoices"))


async def no_number(_: Call) -> Answer:
    """Say that accounts have no telephone number."""
    raise errors.NotFound("The platform sends no text messages.", resource="sms_number")


async def no_provider(_: Call) -> Answer:
    """Say that there are no identity providers."""
    raise errors.NotFound("Couldn't find that identity provider.", resource="identity_provider")


async def no_new_provider(_: Call) -> Answer:
    """Say that nobody else vouches for accounts."""
    raise errors.InvalidParams("Accounts log in with a password or a token here.")
