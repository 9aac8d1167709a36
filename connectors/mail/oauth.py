"""Tokens for providers that take no passwords: the OAuth 2.0 client credentials grant (RFC 6749,
section 4.4), as Microsoft 365 has it for SMTP and IMAP. The connection's secret is the client's.
"""

from __future__ import annotations

import hashlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Lock
from typing import IO, Any
from urllib.parse import urlencode

from connectors import wire
from connectors.errors import Rejected
from connectors.mail.address import Client
from connectors.mail.session import NOT_ACCEPTED, Session
from connectors.secrets.hiding import hide
from connectors.wire import READ_SECONDS, Call

SCOPE = "https://outlook.office365.com/.default"  # learn.microsoft.com, SMTP and IMAP with OAuth
ANSWER_BYTES_MAX = 65_536
TOKEN_SECONDS_MAX = 3_000.0  # Microsoft's live for an hour at least
EARLY_SECONDS = 60.0  # before its end that a token is no longer used
TOKENS_MAX = 200  # remembered in one process


@dataclass(frozen=True)
class _Token:
    value: str = field(repr=False)
    until: float  # on the clock of time.monotonic


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """A secret is sent where it was told to be sent, and nowhere else."""


def signature(session: Session, client: Client) -> str:
    """What AUTH XOAUTH2 carries. Raises of the tree."""
    return f"user={session.account}\x01auth=Bearer {_token(session, client)}\x01\x01"


def forget(session: Session, client: Client) -> None:
    """The server did not accept it."""
    with _LOCK:
        _TOKENS.pop(_key(session, client), None)


def _token(session: Session, client: Client) -> str:
    key = _key(session, client)
    with _LOCK:
        known = _TOKENS.get(key)
    if known is None or known.until <= time.monotonic():
        known = _asked(session, client)
        with _LOCK:
            _TOKENS.pop(key, None)
            _TOKENS[key] = known
            while len(_TOKENS) > TOKENS_MAX:
                del _TOKENS[next(iter(_TOKENS))]
    return known.value


def _asked(session: Session, client: Client) -> _Token:
    call = Call("the sign-in for mail", is_write=False)
    form = {
        "grant_type": "client_credentials",
        "client_id": client.id,
        "client_secret": session.secret,
        "scope": SCOPE,
    }
    request = urllib.request.Request(client.token_url, urlencode(form).encode())  # noqa: S310 - https, or on loopback: the address is checked
    try:
        with _OPENER.open(request, timeout=READ_SECONDS) as answer:
            said = json.loads(answer.read(ANSWER_BYTES_MAX))
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(session, call, error) from None
    except (ValueError, RecursionError):
        raise wire.unreadable(session.peer, call, "it is no JSON") from None
    except (OSError, HTTPException) as error:
        raise wire.broke_off(session.peer, call, error) from None
    value = said.get("access_token") if isinstance(said, Mapping) else None
    seconds = said.get("expires_in") if isinstance(said, Mapping) else None
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise wire.unreadable(session.peer, call, "it has no token")
    hide(value)
    lives_seconds = min(seconds if type(seconds) is int else 0, TOKEN_SECONDS_MAX)
    return _Token(value, time.monotonic() + lives_seconds - EARLY_SECONDS)


def _refused(session: Session, call: Call, error: urllib.error.HTTPError) -> Exception:
    if error.code in (400, 401, 403):
        return Rejected(
            f"{NOT_ACCEPTED} {session.account}: the authorization server gives no token for it.",
            next_step="Check the client's id in the address, and its secret.",
            is_secret_refused=True,
        )
    return wire.answered(session.peer, call, error.code, dict(error.headers.items()))


def _key(session: Session, client: Client) -> tuple[str, str, str]:
    digest = hashlib.sha256(session.secret.encode()).hexdigest()
    return (client.token_url, client.id, digest)


_OPENER = urllib.request.build_opener(_NoRedirects)
_TOKENS: dict[tuple[str, str, str], _Token] = {}
_LOCK = Lock()
