"""certs:generate."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import domains
from hatoba.errors import UsageError
from hatoba.kit import signing
from hatoba.kit.files import write_atomic

_BITS = ("2048", "3072", "4096")
_OWNER = (
    ("country", "C", "Country of owner (two-letter ISO code)"),
    ("area", "ST", "State/province/etc. of owner"),
    ("city", "L", "City of owner"),
    ("owner", "O", "Owner of this certificate"),
)


@command("certs:generate", "heroku certs:generate www.example.com --now -a harbour")
@click.argument("domain")
@click.option("--owner", metavar="NAME", help="Organization that the certificate belongs to.")
@click.option("--country", metavar="CODE", help="Country of the owner, two letters.")
@click.option("--area", metavar="NAME", help="State or province of the owner.")
@click.option("--city", metavar="NAME", help="City of the owner.")
@click.option("--subject", metavar="TEXT", help="The whole subject: /C=DE/O=Quay/CN=NAME.")
@click.option("--keysize", type=click.Choice(_BITS), default="2048", help="Size of the key, bits.")
@click.option("--now", is_flag=True, help="Ask for nothing.")
@click.option("--selfsigned", is_flag=True, help="Make a certificate instead of a request.")
def generate(
    session: Session,
    app: str,
    domain: str,
    **chosen: str | bool | None,
) -> None:
    """Make a key, and a request for a certificate, in the present folder."""
    text = _subject(session, domain, chosen)
    try:
        name = signing.subject(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
    bits = int(str(chosen["keysize"]))
    if chosen["selfsigned"]:
        made, suffix = signing.self_signed(domain, name, bits, datetime.now(UTC)), "crt"
    else:
        made, suffix = signing.request(domain, name, bits), "csr"
    key_file, signed_file = Path(f"{domain}.key"), Path(f"{domain}.{suffix}")
    _write(key_file, made.key)
    _write(signed_file, made.signed)
    known = {d for e in domains.certificates(session.api, app) for d in e.ssl_cert.cert_domains}
    verb = "update" if domain in known else "add"
    if suffix == "crt":
        session.out.say("Your key and self-signed certificate have been generated. Next, run:")
        session.out.say(f"heroku certs:{verb} {signed_file} {key_file} -a {app}")
    else:
        session.out.say(f"Submit {signed_file} to your certificate authority. With its answer run:")
        session.out.say(f"heroku certs:{verb} CERTFILE {key_file} -a {app}")


def _subject(session: Session, domain: str, chosen: dict[str, str | bool | None]) -> str:
    if chosen["subject"]:
        return str(chosen["subject"])
    given = {name: str(chosen[name] or "") for name, _, _ in _OWNER}
    if not any(given.values()) and not chosen["now"] and session.interactive:
        given = {name: session.out.ask(f"{question}: ") for name, _, question in _OWNER}
    parts = [f"/{short}={given[name]}" for name, short, _ in _OWNER if given[name]]
    return "".join([*parts, f"/CN={domain}"])


def _write(path: Path, content: bytes) -> None:
    if path.exists():
        raise UsageError(f"{path} is already there. Move it away first, or keep using it.")
    try:
        write_atomic(path, content)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from error
