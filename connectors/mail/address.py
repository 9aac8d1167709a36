"""Where a mail connection leads, whom it writes as, and whom it may write to, from its address.

    smtps://smtp.example.com:465?from=support@example.com&to=example.com&to=ap@acme.example
        &imap=imaps://imap.example.com:993/Sent%20Items

`smtps` and `imaps` speak TLS from the first byte, `smtp` and `imap` by STARTTLS, which only a
server on loopback may lack. `to` is a domain or one mailbox, and there is at least one. `imap`
names the folder where the provider itself keeps what it accepted (Gmail, Microsoft 365, Fastmail
do); leave it out where mail is only stored by the program that sends it. Providers that take no
passwords: `&token=https://login.microsoftonline.com/TENANT/oauth2/v2.0/token&client=CLIENT_ID`.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from connectors.errors import Rejected
from connectors.mail.recipients import is_domain, is_mailbox
from connectors.private import is_loopback

ADDRESS_CHARACTERS_MAX = 8_000
ALLOWED_MAX = 200  # entries of the list of those who may be written to
PORTS = {"smtps": 465, "smtp": 587, "imaps": 993, "imap": 143}  # RFC 8314
FOLDER = "Sent"


@dataclass(frozen=True)
class Place:
    """A server, and whether its first byte is TLS; `must_be_private` wants TLS before anything."""

    host: str
    port: int
    is_tls_at_once: bool
    must_be_private: bool


@dataclass(frozen=True)
class Client:
    """An app at an authorization server, for providers that take tokens instead of passwords."""

    token_url: str
    id: str


@dataclass(frozen=True)
class Mailbox:
    """One sender and its rights. `allowed` holds mailboxes and "@domain"s in lower case."""

    server: Place
    sender: str
    allowed: frozenset[str]
    folder_server: Place | None = None
    folder: str = FOLDER
    client: Client | None = None

    def refused(self, recipients: tuple[str, ...]) -> tuple[str, ...]:
        """Those that this connection may not write to."""
        return tuple(r for r in recipients if not self.allowed & {r, f"@{r.rpartition('@')[2]}"})


def mailbox(address: str) -> Mailbox:
    """The connection of that address. Raises Rejected that says what of it is wrong."""
    if len(address) > ADDRESS_CHARACTERS_MAX:
        raise _malformed("it is too long")
    url = _split(address)
    options = parse_qs(url.query, keep_blank_values=True)
    unknown = sorted(options.keys() - {"from", "to", "imap", "token", "client"})
    if unknown:
        raise _malformed("it has an option other than from, to, imap, token and client")
    sender = _one(options, "from")
    if not is_mailbox(sender):
        raise _malformed("`from` is no mailbox of plain ASCII letters")
    server = _place(url, ("smtps", "smtp"))
    allowed = _allowed(options.get("to", []))
    client = _client(options)
    if "imap" not in options:
        return Mailbox(server, sender, allowed, client=client)
    folder = _split(_one(options, "imap"))
    name = unquote(folder.path.lstrip("/")) or FOLDER
    if not name.isascii() or not name.isprintable():
        raise _malformed("the folder's name has other than plain ASCII letters")
    return Mailbox(server, sender, allowed, _place(folder, ("imaps", "imap")), name, client)


def _split(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        raise _malformed("a host or port in it is malformed") from None
    if url.username is not None or url.password is not None:
        raise _malformed("it holds a user or a password, which belong into the connection")
    return url


def _place(url: SplitResult, schemes: tuple[str, str]) -> Place:
    host = url.hostname or ""
    if url.scheme not in schemes or not host or not host.isascii():
        raise _malformed(f"it does not begin with {schemes[0]}:// or {schemes[1]}:// and a host")
    return Place(
        host, url.port or PORTS[url.scheme], url.scheme == schemes[0], not is_loopback(host)
    )


def _allowed(entries: list[str]) -> frozenset[str]:
    if not 1 <= len(entries) <= ALLOWED_MAX:
        raise _malformed(f"`to` must name 1 to {ALLOWED_MAX} domains or mailboxes")
    lowered = [entry.strip().lower().removeprefix("@") for entry in entries]
    if not all(is_mailbox(entry) or is_domain(entry) for entry in lowered):
        raise _malformed("an entry of `to` is neither a domain nor a mailbox")
    return frozenset(entry if "@" in entry else f"@{entry}" for entry in lowered)


def _client(options: dict[str, list[str]]) -> Client | None:
    if not {"token", "client"} & options.keys():
        return None
    token_url = _one(options, "token")
    url = _split(token_url)
    host = url.hostname or ""
    is_private = url.scheme == "https" or (url.scheme == "http" and is_loopback(host))
    if not is_private or not host or not token_url.isascii() or not token_url.isprintable():
        raise _malformed("`token` is no https:// address of an authorization server")
    return Client(token_url, _one(options, "client"))


def _one(options: dict[str, list[str]], name: str) -> str:
    values = options.get(name, [])
    if len(values) != 1:
        raise _malformed(f"it must name `{name}` exactly once")
    return values[0].strip()


def _malformed(why: str) -> Rejected:
    return Rejected(
        f"The address of this mail connection is not understood: {why}.",
        next_step="Write it as smtps://HOST:PORT?from=SENDER&to=DOMAIN-OR-MAILBOX.",
    )
