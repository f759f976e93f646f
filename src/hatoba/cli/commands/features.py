"""features and labs: what can be switched on for an app."""

from __future__ import annotations

from collections.abc import Sequence

import click

from hatoba.cli.change import carry_out
from hatoba.cli.command import command, confirm, consent
from hatoba.cli.session import Session
from hatoba.client import apps, features
from hatoba.operations.consent import Consent
from hatoba.operations.features import SwitchFeature
from hatoba.schema.features import AppFeature


@command("features", "heroku features -a harbour")
def listing(session: Session, app: str) -> None:
    """List the features of an app that are settled."""
    found = _of(features.listed(session.api, app), general=True)
    if session.json:
        session.out.json(found)
        return
    session.out.header(f"App Features {app}")
    _show(session, found)
    session.out.say(f"Experimental ones: heroku labs -a {app}", "dim")


@command("features:info", "heroku features:info preboot -a harbour")
@click.argument("feature")
def info(session: Session, app: str, feature: str) -> None:
    """Show a feature of an app."""
    _tell(session, features.find(session.api, app, feature))


@command("features:enable", "heroku features:enable preboot -a harbour")
@click.argument("feature")
@consent
def enable(session: Session, app: str, feature: str, given: Consent) -> int:
    """Switch a feature of an app on."""
    return _switch(
        session, SwitchFeature(session.api, app, feature, on=True, topic="features"), given
    )


@command("features:disable", "heroku features:disable preboot -a harbour --yes")
@click.argument("feature")
@consent
def disable(session: Session, app: str, feature: str, given: Consent) -> int:
    """Switch a feature of an app off."""
    return _switch(
        session, SwitchFeature(session.api, app, feature, on=False, topic="features"), given
    )


@command("labs", "heroku labs -a harbour")
def labs(session: Session, app: str) -> None:
    """List the experimental features of your account and of an app."""
    own = _of(features.of_account(session.api), general=False)
    found = _of(features.listed(session.api, app), general=False)
    if session.json:
        session.out.json({"app": found, "user": own})
        return
    session.out.header(f"User Features {apps.account(session.api).email}")
    _show(session, own)
    session.out.data()
    session.out.header(f"App Features {app}")
    _show(session, found)


@command("labs:info", "heroku labs:info log-runtime-metrics -a harbour")
@click.argument("feature")
def labs_info(session: Session, app: str, feature: str) -> None:
    """Show an experimental feature."""
    _tell(session, features.find(session.api, app, feature))


@command("labs:enable", "heroku labs:enable log-runtime-metrics -a harbour")
@click.argument("feature")
@consent
def labs_enable(session: Session, app: str, feature: str, given: Consent) -> int:
    """Switch an experimental feature on."""
    return _switch(session, SwitchFeature(session.api, app, feature, on=True, topic="labs"), given)


@command("labs:disable", "heroku labs:disable log-runtime-metrics -a harbour --yes")
@click.argument("feature")
@confirm
@consent
def labs_disable(session: Session, app: str, feature: str, given: Consent) -> int:
    """Switch an experimental feature off."""
    return _switch(session, SwitchFeature(session.api, app, feature, on=False, topic="labs"), given)


def _switch(session: Session, operation: SwitchFeature, given: Consent) -> int:
    return carry_out(session, operation, given).exit_code


def _of(found: Sequence[AppFeature], *, general: bool) -> list[AppFeature]:
    chosen = [one for one in found if (one.state == "general") is general]
    return sorted(chosen, key=lambda one: one.name)


def _show(session: Session, found: Sequence[AppFeature]) -> None:
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        sign = "[+]" if one.enabled else "[ ]"
        line = f"{sign} {one.name.ljust(width)}  {one.description}"
        session.out.data(session.out.paint(line, "green") if one.enabled else line)


def _tell(session: Session, one: AppFeature) -> None:
    if session.json:
        session.out.json(one)
        return
    session.out.header(one.name)
    session.out.fields(
        {
            "Description": one.description,
            "Docs": one.doc_url,
            "Enabled": str(one.enabled).lower(),
        }
    )
