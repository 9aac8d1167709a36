"""The counterpart of the conformance suite: aiosmtpd, and a folder of sent mail of our own.

The submission server is aiosmtpd 1.4 with a sign-in. The folder is a stand-in of ours, as no
package brings an IMAP server: the part of RFC 3501 that is used here and nothing else, strict about
the order of commands, and like the great providers it keeps each mail that the other accepted.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import cache
from typing import Any, TypeVar, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from connectors.conformance.world import FaultedCall, FaultKind

T = TypeVar("T")
START_SECONDS = 10.0
SLOW_SECONDS = 0.05
LINE_BYTES_MAX = 8_192
_FETCH = re.compile(r"FETCH ([\d,]+) \(UID BODY\.PEEK\[(HEADER)?]<0\.(\d+)>\)")

ANSWERS = {  # what the submission server says at once
    "refuse": "550 5.7.60 This client does not have permissions to send as this sender",
    "lose_permission": "550 5.7.1 Sending is not permitted for this account any more",
    "rate_limit": "451 4.7.0 Too many messages, slow down",
    "unavailable": "421 4.3.2 The service is shutting down",
}
FOLDER_ANSWERS = {
    "refuse": "NO [NOPERM] access denied",
    "lose_permission": "NO [NOPERM] access denied",
    "rate_limit": "NO [LIMIT] too many commands",
    "unavailable": "NO [UNAVAILABLE] the backend is away",
}


@dataclass
class Post:
    """One mailbox at one provider: its mails, newest last, and what strikes the next call."""

    account: str
    secret: str
    mails: list[bytes] = field(default_factory=list)
    unknown_people: frozenset[str] = frozenset()
    keeps_mail: bool = True
    token: str = ""  # that is accepted instead of the secret, where there is one
    size_bytes_max: int = 1_000_000
    strikes_mail: FaultKind | None = None
    strikes_folder: FaultKind | None = None
    smtp_port: int = 0
    imap_port: int = 0
    servers: list[asyncio.Server] = field(default_factory=list)
    lines: set[asyncio.StreamWriter] = field(default_factory=set)

    def arm(self, kind: FaultKind, call: FaultedCall) -> None:
        """The next call suffers: reading and looking up ask the folder, writing the other."""
        if call in ("execute", "compensate"):
            self.strikes_mail = kind
        else:
            self.strikes_folder = kind

    def unplug(self) -> None:
        """Nobody listens any more."""
        on_loop(self._close())

    async def _close(self) -> None:
        for server in self.servers:
            server.close()

    def struck(self) -> FaultKind | None:
        """The fault of the submission server, once."""
        kind, self.strikes_mail = self.strikes_mail, None
        return kind

    def struck_folder(self) -> FaultKind | None:
        """The fault of the folder, once."""
        kind, self.strikes_folder = self.strikes_folder, None
        return kind

    def is_signature(self, said: bytes) -> bool:
        """Whether XOAUTH2 names the account and its token."""
        return bool(self.token) and said == (
            f"user={self.account}\x01auth=Bearer {self.token}\x01\x01".encode()
        )

    # What aiosmtpd asks. Faults strike where the vendors' do: at the sender, or after the text.

    def let_in(
        self, _server: object, _session: object, _envelope: object, _how: str, said: Any
    ) -> AuthResult:
        """One account with one secret."""
        assert isinstance(said, LoginPassword)
        is_it = (said.login, said.password) == (self.account.encode(), self.secret.encode())
        return AuthResult(success=is_it, handled=is_it)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """A token, or why not as JSON and, after an empty line, the refusal."""
        if self.is_signature(base64.b64decode(args[1])):
            return AuthResult(success=True, auth_data=self.account)
        await server.challenge_auth('{"status":"400"}')
        return AuthResult(success=False, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, sender: str, _options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        kind = self.strikes_mail
        if kind in ANSWERS:
            self.struck()
            return ANSWERS[kind]
        envelope.mail_from = sender
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, to: str, _options: list[str]
    ) -> str:
        if to in self.unknown_people:
            return f"550 5.1.1 <{to}> nobody of that name here"
        envelope.rcpt_tos.append(to)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        kind = self.struck()
        if kind == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if kind != "time_out_before_write" and self.keeps_mail:
            assert isinstance(envelope.original_content, bytes)
            self.mails.append(envelope.original_content)
        if kind in ("time_out_before_write", "time_out_after_write"):
            assert server.transport is not None
            cast("asyncio.Transport", server.transport).abort()
        return "250 2.6.0 Queued"


def started(post: Post, tls: ssl.SSLContext | None = None, *, offers_tls: bool = False) -> Post:
    """Both servers on loopback ports; `tls` from the first byte, or where it is asked for."""
    return on_loop(_started(post, tls, offers_tls))


async def _started(post: Post, tls: ssl.SSLContext | None, offers_tls: bool) -> Post:
    loop = asyncio.get_running_loop()
    mail = await loop.create_server(
        lambda: SMTP(
            post,
            data_size_limit=post.size_bytes_max,
            hostname="mail.example",
            ident="ESMTP",
            auth_require_tls=False,
            authenticator=post.let_in,
            tls_context=tls if offers_tls else None,
            loop=loop,
        ),
        "127.0.0.1",
        0,
        ssl=None if offers_tls else tls,
    )
    folder = await asyncio.start_server(
        lambda reader, writer: _Folder(post, reader, writer).serve(),
        "127.0.0.1",
        0,
        ssl=None if offers_tls else tls,
    )
    post.servers = [mail, folder]
    post.smtp_port, post.imap_port = (s.sockets[0].getsockname()[1] for s in post.servers)
    return post


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True, name="mail stand-in").start()
    return loop


def on_loop(work: Coroutine[Any, Any, T]) -> T:
    """Runs it where the servers run."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result(START_SECONDS)


class _Folder:
    """One IMAP conversation."""

    def __init__(
        self, post: Post, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.post, self.reader, self.writer = post, reader, writer
        self.is_in = self.is_open = False

    async def serve(self) -> None:
        """Until the line ends."""
        try:
            self._say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready")
            while line := await self.reader.readline():
                tag, _, rest = line.decode().strip().partition(" ")
                if not await self._obey(tag, rest):
                    break
                await self.writer.drain()
        except ConnectionError:
            return
        finally:
            self.writer.close()

    async def _obey(self, tag: str, rest: str) -> bool:
        command, _, said = rest.partition(" ")
        command = command.upper()
        if command in ("CAPABILITY", "LOGOUT"):
            self._say("* CAPABILITY IMAP4rev1 AUTH=PLAIN" if command[0] == "C" else "* BYE")
            self._say(f"{tag} OK done")
            return command == "CAPABILITY"
        if command == "AUTHENTICATE" and not self.is_in:
            await self._authenticate(tag, said)
            return True
        if not self.is_in:
            self._say(f"{tag} BAD sign in first")
            return True
        return self._answer(tag, command, said)

    async def _authenticate(self, tag: str, how: str) -> None:
        self._say("+ ")
        await self.writer.drain()
        said = base64.b64decode(await self.reader.readline())
        both = f"\0{self.post.account}\0{self.post.secret}".encode()
        self.is_in = self.post.is_signature(said) if how == "XOAUTH2" else said == both
        if not self.is_in and how == "XOAUTH2":
            self._say("+ " + base64.b64encode(b'{"status":"400"}').decode())
            await self.writer.drain()
            await self.reader.readline()
        refused = f"{tag} NO [AUTHENTICATIONFAILED] invalid credentials"
        self._say(f"{tag} OK signed in" if self.is_in else refused)

    def _answer(self, tag: str, command: str, said: str) -> bool:
        kind = self.post.struck_folder()
        if kind in ("time_out_before_write", "time_out_after_write"):
            self.writer.transport.abort()
            return False
        if kind in FOLDER_ANSWERS:
            self._say(f"{tag} {FOLDER_ANSWERS[kind]}")
        elif command == "EXAMINE":
            self.is_open = said == '"Sent"'
            self._say(f"* {len(self.post.mails)} EXISTS")
            self._say(f"{tag} OK [READ-ONLY] done" if self.is_open else f"{tag} NO [NONEXISTENT]")
        elif command == "UID" and self.is_open:
            self._uid(tag, said)
        else:
            self._say(f"{tag} BAD what is {command}")
        return True

    def _uid(self, tag: str, said: str) -> None:
        if found := re.fullmatch(r'SEARCH SINCE \d{1,2}-[A-Z][a-z]{2}-\d{4} TO "([^"]+)"', said):
            self._found(tag, "to", found[1])
        elif found := re.fullmatch(r'SEARCH HEADER MESSAGE-ID "([^"]+)"', said):
            self._found(tag, "message-id", found[1])
        elif found := re.fullmatch(
            r"FETCH ([\d,]+) \(UID BODY\.PEEK\[(HEADER)?]<0\.(\d+)>\)", said
        ):
            self._fetch(tag, found[1], found[2] or "", int(found[3]))
        else:
            self._say(f"{tag} BAD what is that")

    def _found(self, tag: str, name: str, text: str) -> None:
        """Without regard to case, anywhere in the field: RFC 3501, section 6.4.4."""
        uids = [
            str(index + 1)
            for index, mail in enumerate(self.post.mails)
            if text.lower() in str(message_from_bytes(mail, policy=policy.default)[name]).lower()
        ]
        self._say(" ".join(["* SEARCH", *uids]))
        self._say(f"{tag} OK done")

    def _fetch(self, tag: str, uids: str, part: str, size: int) -> None:
        for uid in uids.split(","):
            mail = self.post.mails[int(uid) - 1]
            data = (mail.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if part else mail)[:size]
            self.writer.write(
                f"* {uid} FETCH (UID {uid} BODY[{part}]<0> {{{len(data)}}}\r\n".encode()
                + data
                + b")\r\n"
            )
        self._say(f"{tag} OK done")

    def _say(self, line: str) -> None:
        self.writer.write(line.encode() + b"\r\n")
