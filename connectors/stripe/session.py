"""A session at Stripe: one key, one API version, short waits, and no retries but Assent's own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors import scoped, wire
from connectors.credentials import Credential
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from connectors.extras import not_installed
from connectors.operation import Identity
from connectors.private import private
from connectors.wire import ANSWER_BYTES_MAX, CONNECT_SECONDS, READ_SECONDS, Call, Peer

if TYPE_CHECKING:
    import stripe

ADDRESS = "https://api.stripe.com"
API_VERSION = "2026-10-28.endive"  # what stripe 16.1 is written for; another is another upgrade
STATUS_OK_MAX = 399


class NotThereError(Rejected):
    """Stripe has no such record, or none that the account may see."""


@dataclass(frozen=True)
class Session:
    """What an operation gets: the SDK's client, and what it may be used for."""

    account: str
    scopes: frozenset[str]
    peer: Peer
    client: stripe.StripeClient = field(repr=False)

    def require(self, scopes: frozenset[str]) -> None:
        """Raises Rejected naming the first scope that is missing."""
        scoped.require(self.account, self.scopes, scopes)

    def ask(self, call: Call, act: Callable[[stripe.StripeClient], Any]) -> Mapping[str, Any]:
        """One call of the SDK: its answer as plain values, and whether Stripe answered it from
        memory as `"is_replay"`. Raises of the tree."""
        import stripe

        try:
            answer = act(self.client)
        except stripe.StripeError as error:
            raise _translated(self.peer, call, error) from None
        except Exception as error:  # noqa: BLE001 - what broke below the SDK broke the call
            raise wire.broke_off(self.peer, call, error) from None
        sent = getattr(answer, "last_response", None)
        headers = {k.lower(): v for k, v in (sent.headers or {}).items()} if sent else {}
        return {**answer.to_dict(), "is_replay": headers.get("idempotent-replayed") == "true"}


@contextmanager
def open_session(credential: Credential, read_seconds: float = READ_SECONDS) -> Iterator[Session]:
    """A session limited to the credential's scopes. Nothing is sent yet.

    Raises Rejected where the SDK is not installed, the secret is no key, or the address is neither
    encrypted nor this machine.
    """
    _refuse_plain(credential.address or ADDRESS)
    if not credential.secret.isascii() or not credential.secret.strip():
        raise Rejected(
            "The connection to Stripe has no API key.",
            next_step="Give it a restricted key (rk_...), with what its operations need.",
            is_secret_refused=True,
        )
    try:
        import stripe
    except ImportError:
        raise not_installed("Stripe", "stripe") from None
    stripe.enable_telemetry = False  # it keeps an id of the machine in the home folder
    http_client = _bounded_client(read_seconds)
    client = stripe.StripeClient(
        credential.secret,
        stripe_version=API_VERSION,
        base_addresses={"api": credential.address or ADDRESS},
        max_network_retries=0,
        http_client=http_client,
    )
    peer = Peer("Stripe", credential.account, secrets=(credential.secret,))
    try:
        yield Session(credential.account, credential.scopes, peer, client)
    finally:
        http_client.close()  # type: ignore[no-untyped-call]


def identify(session: Session) -> Identity:
    """The Stripe account's id ("acct_1PqX..."), and whether its money is real, as Stripe says."""
    account = session.ask(
        Call("the account", is_write=False, scope="account:read"),
        lambda client: client.v1.accounts.retrieve_current(),
    )
    balance = session.ask(
        Call("the balance", is_write=False, scope="balance:read"),
        lambda client: client.v1.balance.retrieve(),
    )
    return Identity(str(account["id"]), "production" if balance["livemode"] else "sandbox")


def idempotency_key(session: Session, operation: str, key: str) -> str:
    """What Stripe gets to know a call by; it keeps it for 24 hours at least."""
    said = "\n".join((session.account, operation, key))
    return f"assent-{hashlib.sha256(said.encode()).hexdigest()[:48]}"


def _bounded_client(read_seconds: float) -> stripe.RequestsClient:
    """The SDK's own, with answers bounded, no redirects, and nobody's netrc."""
    import requests
    import stripe

    class Bounded(stripe.RequestsClient):
        def request(  # type: ignore[override]  # the SDK's own answers bytes, too
            self,
            method: str,
            url: str,
            headers: Mapping[str, str] | None,
            post_data: Any = None,
            **_: Any,
        ) -> tuple[bytes, int, Mapping[str, str]]:
            raw, status, answer = self.request_stream(method, url, headers, post_data)
            try:
                said: bytes = raw.read(ANSWER_BYTES_MAX + 1, decode_content=True)
            finally:
                raw.release_conn()
            if len(said) > ANSWER_BYTES_MAX:
                raise ValueError(f"an answer of more than {ANSWER_BYTES_MAX:,} bytes")
            return said, status, answer

    http = requests.Session()
    http.max_redirects = 0
    http.auth = lambda request: request  # the key is in the headers already
    return Bounded(timeout=(CONNECT_SECONDS, read_seconds), session=http)


def _translated(peer: Peer, call: Call, error: stripe.StripeError) -> ConnectorError:
    import stripe

    if isinstance(error, stripe.APIConnectionError):
        return wire.broke_off(peer, call, error)
    status = error.http_status or 0
    if status == 409 and call.is_write:
        return OutcomeUnknown(
            f"Stripe is busy with another call on {call.subject} under the same key.",
            next_step="Look at the record before doing anything else.",
        )
    if isinstance(error, stripe.IdempotencyError):
        return Rejected(
            f"Stripe knows the key of this call for another one, so {call.subject} was not asked.",
            next_step="Nothing was written; ask anew.",
        )
    if status <= STATUS_OK_MAX:
        return wire.unreadable(peer, call, "it is no JSON")
    said = wire.answered(peer, call, status, error.headers, error.user_message or "")
    if status == 404:
        return NotThereError(said.message, next_step=said.next_step)
    return said


def _refuse_plain(address: str) -> None:
    if private(address) is not None:
        return
    raise Rejected(
        "The connection to Stripe is not encrypted.",
        next_step=f"Use the address {ADDRESS}, or leave it out.",
    )
