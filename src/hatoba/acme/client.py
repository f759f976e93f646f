"""An ACME authority, asked for each host by HTTP-01."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import requests
from acme import challenges, client, messages
from acme import errors as acme_errors
from acme.crypto_util import make_csr
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from josepy.jwk import JWKRSA

import hatoba
from hatoba import errors
from hatoba.acme.base import Issued, Refused, Show
from hatoba.kit.files import private_dir, write_atomic
from hatoba.model.route import Challenge
from hatoba.settings import AcmeSettings

_ACCOUNT_KEY_BITS = 2048
_REQUEST_SECONDS = 20
# An authority asks from several places, each with time-outs of its own.
_VALIDATION_SECONDS = 90.0
_POLL_SECONDS = 1.0
# An authority may take any nonce for too old: https://www.rfc-editor.org/rfc/rfc8555#section-6.5
_BAD_NONCE, _NONCE_TRIES = "badNonce", 10


class _Network(client.ClientNetwork):
    """The library's, which tries a request twice only."""

    def post(self, *args: object, **kwargs: object) -> requests.Response:
        for _ in range(_NONCE_TRIES - 1):
            try:
                return super().post(*args, **kwargs)
            except messages.Error as error:
                if error.code != _BAD_NONCE:
                    raise
        return super().post(*args, **kwargs)


@dataclass(frozen=True)
class _Order:
    """An order under way; ``question`` is None when the host was validated before."""

    net: client.ClientV2
    order: messages.OrderResource
    question: messages.ChallengeBody | None
    key: str


class AcmeAuthority:
    """Implements ``acme.base.Authority``; its account's key lies in a file of the folder."""

    def __init__(self, chosen: AcmeSettings, folder: Path) -> None:
        self._chosen = chosen
        self._folder = folder

    async def issue(self, hostname: str, show: Show) -> Issued:
        """Return a certificate for one host name."""
        began = await asyncio.to_thread(self._begin, hostname)
        if began.question is not None:
            await show(_challenge(began, began.question))
            await asyncio.to_thread(_answer, began, began.question)
            await _validated(began)
        order = await asyncio.to_thread(_finalize, began)
        deadline = monotonic() + _VALIDATION_SECONDS
        while (done := await asyncio.to_thread(_fetch, began, order)) is None:
            if monotonic() > deadline:
                raise errors.Unavailable("The certificate authority did not finish in time.")
        return Issued(chain=done, key=began.key)

    def _begin(self, hostname: str) -> _Order:
        with _told():
            net = self._client()
            key = _new_key()
            order = net.new_order(make_csr(key.encode(), [hostname]))
            return _Order(net, order, _question(order), key)

    def _client(self) -> client.ClientV2:
        key = self._account_key()
        agent = f"hatoba/{hatoba.__version__}"
        net = _Network(key, user_agent=agent, timeout=_REQUEST_SECONDS)
        if self._chosen.ca is not None:
            # It is handed to requests, which takes a file of certificates too.
            net.verify_ssl = str(self._chosen.ca)  # type: ignore[assignment]
        directory = client.ClientV2.get_directory(self._chosen.directory, net)
        made = client.ClientV2(directory, net)
        wanted = messages.NewRegistration.from_data(
            email=self._chosen.email, terms_of_service_agreed=True
        )
        try:
            made.new_account(wanted)
        except acme_errors.ConflictError as known:
            net.account = messages.RegistrationResource(body=wanted, uri=known.location)
        return made

    def _account_key(self) -> JWKRSA:
        path = private_dir(self._folder) / "account.pem"
        if not path.exists():
            made = rsa.generate_private_key(65537, _ACCOUNT_KEY_BITS)
            write_atomic(path, _pem(made))
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        return JWKRSA(key=key)


def _question(order: messages.OrderResource) -> messages.ChallengeBody | None:
    (authorization,) = order.authorizations
    if authorization.body.status == messages.STATUS_VALID:
        return None
    for offered in authorization.body.challenges:
        if isinstance(offered.chall, challenges.HTTP01):
            return offered
    raise Refused("The authority does not offer validation over HTTP for this name.")


def _challenge(began: _Order, question: messages.ChallengeBody) -> Challenge:
    path, answer = question.chall.path, question.chall.validation(began.net.net.key)
    return Challenge(path=path, answer=answer)


def _answer(began: _Order, question: messages.ChallengeBody) -> None:
    with _told():
        began.net.answer_challenge(question, question.response(began.net.net.key))


async def _validated(began: _Order) -> None:
    deadline = monotonic() + _VALIDATION_SECONDS
    while not await asyncio.to_thread(_is_valid, began):
        if monotonic() > deadline:
            raise Refused("The authority did not validate the name within 90 seconds.")
        await asyncio.sleep(_POLL_SECONDS)


def _is_valid(began: _Order) -> bool:
    with _told():
        now, _ = began.net.poll(began.order.authorizations[0])
    if now.body.status in (messages.STATUS_PENDING, messages.STATUS_PROCESSING):
        return False
    if now.body.status == messages.STATUS_VALID:
        return True
    reasons = [str(c.error.detail) for c in now.body.challenges if c.error is not None]
    raise Refused(" ".join(reasons) or "The authority did not validate the name.")


def _finalize(began: _Order) -> messages.OrderResource:
    with _told():
        return began.net.begin_finalization(began.order)


def _fetch(began: _Order, order: messages.OrderResource) -> str | None:
    """Return the chain once it is issued; a few seconds are waited for it."""
    # The library compares with the machine's own time.
    deadline = datetime.now() + timedelta(seconds=3)  # noqa: DTZ005
    with _told():
        try:
            done = began.net.poll_finalization(order, deadline)
        except acme_errors.TimeoutError:
            return None
    return str(done.fullchain_pem)


@contextmanager
def _told() -> Iterator[None]:
    """Turn the library's errors into ours."""
    try:
        yield
    except messages.Error as error:
        raise Refused(str(error.detail or error.title or error.code)) from error
    except acme_errors.IssuanceError as error:
        raise Refused(str(error.error.detail)) from error
    except (requests.RequestException, acme_errors.Error) as error:
        raise errors.Unavailable(
            f"The certificate authority can't be reached: {type(error).__name__}. "
            "Its address is the setting HATOBA_ACME_DIRECTORY."
        ) from error


def _new_key() -> str:
    return _pem(ec.generate_private_key(ec.SECP256R1())).decode()


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
