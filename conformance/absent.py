"""What Heroku sells and this platform has none of, link by link, and why.

Such a link is answered by an empty list or by an error that says so, never by a success.
"""

from __future__ import annotations

_SPACES = "Private spaces are networks at Heroku; here the machine's own network is the space."
_ENTERPRISE = "Enterprise accounts group Heroku's contracts; teams are served."
_BILLING = "Nothing is billed here."
_SSO = "Accounts log in with a password or a token; there is no single sign-on."

_BY_PREFIX = {
    "/spaces": _SPACES,
    "/enterprise-accounts": _ENTERPRISE,
    "/account/credits": _BILLING,
    "/account/invoices": _BILLING,
    "/account/invoice-address": _BILLING,
    "/teams/{}/invoices": _BILLING,
    "/teams/{}/spaces": _SPACES,
    "/teams/{}/identity-providers": _SSO,
    "/users/{}/sms-number": "The platform sends no text messages.",
}
_EXACTLY = {
    "/account/features/{}": "Accounts have no features that can be switched.",
    "/password-resets": "The platform sends no mail: heroku users:reset gives a token.",
}


def reason(shape: str) -> str | None:
    """Return why there is nothing behind a path; None where there is to be something."""
    if shape in _EXACTLY:
        return _EXACTLY[shape]
    for prefix, why in _BY_PREFIX.items():
        if shape == prefix or shape.startswith(f"{prefix}/"):
            return why
    return None
