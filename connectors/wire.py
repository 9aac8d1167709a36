"""HTTP's failures as the error tree, in one place for every connector.

The system answered with a status: `answered`. No answer came: `broke_off`. An answer came that
cannot be understood: `unreadable`. Each makes the error to raise, `from None`: the vendor's
exception may hold what was sent.

401              Rejected, the secret is forgotten     429  Unavailable, with the time to wait
403              Rejected, names the scope             5xx  Unavailable when reading
404 410 451 3xx  Rejected: gone, merged, moved              OutcomeUnknown when writing, except 503
409 412 423      Conflict                              other 4xx  Rejected
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.errors import Conflict, ConnectorError, OutcomeUnknown, Rejected, Unavailable
from connectors.retry_after import wait_seconds
from connectors.saying import safe

# Bounds that every connector's session sets on its SDK or client.
CONNECT_SECONDS = 5.0  # a handshake across the world takes one
READ_SECONDS = 20.0  # the slowest documented answers of the vendors, with room
ANSWER_BYTES_MAX = 4 * 1024 * 1024  # one page of a hundred rich records is below one megabyte
CHAIN_MAX = 16  # exceptions that are followed to the cause

NOTHING_WRITTEN = "Nothing was written"


@dataclass(frozen=True)
class Peer:
    """The system at the other end as its failures name it, and whom it knows us as. `secrets` are
    removed from all that it says."""

    system: str
    account: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def says(self, text: object) -> str:
        """`: "its words"`, made safe; nothing where it said nothing."""
        said = safe(text, self.secrets).replace('"', "'").rstrip(". ")
        return f': "{said}"' if said else ""


@dataclass(frozen=True)
class Call:
    """One call. `subject` is the record for people ("charge ch_1"), `scope` what it needs.

    `is_write` is true for a call that may change something at the system."""

    subject: str
    is_write: bool
    scope: str = ""


def answered(
    peer: Peer,
    call: Call,
    status: int,
    headers: Mapping[str, str] | None = None,
    said: object = "",
    now: datetime | None = None,
) -> ConnectorError:
    """The error for an answer that is no success; `said` is the vendor's message."""
    wait = wait_seconds(headers or {}, now or datetime.now(UTC))
    if status == 429 or (status == 403 and _is_rate_limit(headers or {})):
        return _busy(peer, wait)
    if status >= 500 or status in (408, 425):
        return _broken(peer, call, status, peer.says(said), wait)
    return _refused(peer, call, status, peer.says(said))


def broke_off(peer: Peer, call: Call, error: BaseException) -> ConnectorError:
    """The error where no answer came. Whatever cannot be shown not to have been sent, was."""
    if call.is_write and not was_never_sent(error):
        return _lost(peer, call, "broke off before it answered")
    return Unavailable(
        f"{peer.system} cannot be reached ({type(error).__name__}).",
        next_step=f"{NOTHING_WRITTEN}; ask again later.",
    )


def unreadable(peer: Peer, call: Call, why: str) -> ConnectorError:
    """The error for an answer that is none of the vendor's: `why` is a clause without its text."""
    if call.is_write:
        return _lost(peer, call, f"gave an answer that cannot be read ({safe(why)})")
    return Unavailable(
        f"{peer.system} gave an answer about {safe(call.subject)} that cannot be read: "
        f"{safe(why)}.",
        next_step=f"{NOTHING_WRITTEN}; ask again later.",
    )


def was_never_sent(error: BaseException) -> bool:
    """Whether no connection had come about: the name was not found, the connection refused or not
    made in time, the certificate not accepted. Judged over the whole chain of causes, whatever
    library raised it; one that a request may have preceded decides against it."""
    kinds = [{kind.__name__ for kind in type(each).__mro__} for each in _chain(error)]
    if any(names & _AFTER_SENDING for names in kinds):
        return False
    return any(
        names & _BEFORE_SENDING or _is_handshake(each)
        for names, each in zip(kinds, _chain(error), strict=True)
    )


# By name, so that no library has to be there: builtins, urllib3, requests, httpx, aiohttp,
# botocore, httplib2.
_BEFORE_SENDING = frozenset(
    {
        "ConnectionRefusedError", "gaierror", "herror",
        "NewConnectionError", "ConnectTimeoutError", "NameResolutionError",
        "ConnectTimeout", "ConnectError", "PoolTimeout", "UnsupportedProtocol",
        "ClientConnectorError", "ConnectionTimeoutError", "EndpointConnectionError",
        "ServerNotFoundError",
    }
)  # fmt: skip
_AFTER_SENDING = frozenset(
    {
        "ConnectionResetError", "BrokenPipeError", "ConnectionAbortedError", "IncompleteRead",
        "RemoteDisconnected", "BadStatusLine", "ProtocolError",
        "ReadTimeout", "ReadTimeoutError", "ReadError", "WriteError", "WriteTimeout",
        "RemoteProtocolError", "ServerDisconnectedError", "SocketTimeoutError",
        "ConnectionClosedError", "ChunkedEncodingError", "ClientPayloadError",
    }
)  # fmt: skip
_HANDSHAKE = frozenset(
    {"CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL",
     "SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION"}
)  # fmt: skip


def _is_handshake(error: BaseException) -> bool:
    return isinstance(error, ssl.SSLError) and getattr(error, "reason", None) in _HANDSHAKE


def _chain(error: BaseException) -> list[BaseException]:
    """The error and all that it was made of, bounded, each once."""
    found: list[BaseException] = []
    open_ones = [error]
    while open_ones and len(found) < CHAIN_MAX:
        each = open_ones.pop(0)
        if not any(each is known for known in found):
            found.append(each)
            open_ones.extend(_made_of(each))
    return found


def _made_of(error: BaseException) -> Iterator[BaseException]:
    inner = (error.__cause__, error.__context__, getattr(error, "reason", None), *error.args)
    return (each for each in inner if isinstance(each, BaseException))


def _is_rate_limit(headers: Mapping[str, str]) -> bool:
    """GitHub says its limits with 403 too."""
    said = {str(name).lower(): str(value) for name, value in headers.items()}
    return "retry-after" in said or said.get("x-ratelimit-remaining") == "0"


def _busy(peer: Peer, wait: float | None) -> Unavailable:
    until = "" if wait is None else f" for {wait:.0f} s"
    return Unavailable(
        f"{peer.system} has had too many calls of the account {safe(peer.account)} and takes no"
        f" more{until}.",
        next_step=f"{NOTHING_WRITTEN}; ask again later.",
        retry_after_seconds=wait,
    )


def _refused(peer: Peer, call: Call, status: int, says: str) -> Rejected | Conflict:
    subject = safe(call.subject)
    if status == 401:
        return _unknown_account(peer, says)
    if status == 403:
        return _forbidden(peer, call, says)
    if status in (404, 410, 451) or 300 <= status < 400:
        return Rejected(
            f"{peer.system} does not have {subject} for the account {safe(peer.account)}{says}.",
            next_step="It may be deleted, merged, moved or hidden from the account; look there.",
        )
    if status in (409, 412, 423):
        return Conflict(
            f"{peer.system} refuses this: {subject} is not as it was read{says}.",
            next_step=f"{NOTHING_WRITTEN}; read it again and look at the new difference.",
        )
    return Rejected(
        f"{peer.system} refuses this on {subject} (HTTP {status}){says}.",
        next_step=f"{NOTHING_WRITTEN}; check the values.",
    )


def _unknown_account(peer: Peer, says: str) -> Rejected:
    return Rejected(
        f"{peer.system} does not accept the secret of the account {safe(peer.account)}{says}.",
        next_step=f"{NOTHING_WRITTEN}; check the account and its secret, or rotate the secret.",
        is_secret_refused=True,
    )


def _forbidden(peer: Peer, call: Call, says: str) -> Rejected:
    what = (
        f"{call.scope} on {safe(call.subject)}" if call.scope else f"this on {safe(call.subject)}"
    )
    return Rejected(
        f"{peer.system} does not permit the account {safe(peer.account)} {what}{says}.",
        next_step=f"{NOTHING_WRITTEN}; ask the owner of {peer.system} to grant it.",
    )


def _broken(
    peer: Peer, call: Call, status: int, says: str, wait: float | None
) -> Unavailable | OutcomeUnknown:
    if call.is_write and status not in (425, 503):
        return _lost(peer, call, f"failed (HTTP {status}){says}")
    return Unavailable(
        f"{peer.system} does not work at the moment (HTTP {status}){says}.",
        next_step=f"{NOTHING_WRITTEN}; ask again later.",
        retry_after_seconds=wait,
    )


def _lost(peer: Peer, call: Call, how: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{peer.system} {how}: whether {safe(call.subject)} was written is not known.",
        next_step="Look at the record before doing anything else.",
    )
