"""Mail goes to whom it may, privately, once, and says honestly what is not known."""

from __future__ import annotations

import json
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.credentials import Credential
from connectors.errors import Conflict, OutcomeUnknown, Rejected, Unavailable
from connectors.mail import address, mail_send, message, sent
from connectors.mail.connector import CONNECTOR
from connectors.mail.mail_send import OPERATION, SCOPES, MailParams
from connectors.mail.standin import Post, started
from connectors.opening import opened

pytestmark = pytest.mark.slow

ACCOUNT, SECRET, SENDER = "desk-mail", "s3cret for mail", "desk@assent.example"
PARAMS = MailParams(to="ap@acme.example, boss@acme.example", subject="Order 1043", text="Refunded.")


@pytest.fixture
def post():
    sent.forget()
    running = started(Post(ACCOUNT, SECRET))
    yield running
    running.unplug()


def credential(post, *, scheme="smtp", folder=True, to="acme.example"):
    where = f"{scheme}://127.0.0.1:{post.smtp_port}?from={SENDER}&to={to}"
    if folder:
        kind = "imaps" if scheme == "smtps" else "imap"
        where += f"&imap={kind}://127.0.0.1:{post.imap_port}/Sent"
    return Credential(ACCOUNT, "sandbox", SCOPES, where, SECRET)


def send(used, params=PARAMS, key="run-1:step-1"):
    with opened(CONNECTOR, used) as session:
        return OPERATION.execute(session, params, OPERATION.read(session, params), key)


def test_the_mail_on_the_wire_is_what_was_shown_and_nothing_more(post):
    result = send(credential(post))
    (data,) = post.mails
    mail = message_from_bytes(data, policy=policy.default)
    assert mail["From"] == SENDER
    assert mail["To"] == PARAMS.to
    assert mail["Subject"] == PARAMS.subject
    assert mail["Message-ID"] == result.reference == message.mark("run-1:step-1", SENDER)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().strip() == "Refunded."
    assert {"Bcc", "Cc", "Reply-To"}.isdisjoint(mail.keys())


@pytest.mark.parametrize(
    "to",
    [
        "ap@acme.example\r\nBcc: mallory@evil.example",
        "ap@acme.example\nRCPT TO:<mallory@evil.example>",
        "аp@acme.example",  # a Cyrillic a
        "ap@аcme.example",
        "ap@ａcme.example",
        "Anna <ap@acme.example>",
        '"ap acme"@acme.example',
        "ap@[127.0.0.1]",
        "ap@acme",
        "ap@acme.example>",
        "ap@acme.example,,boss@acme.example",
        "@acme.example",
        "ap@acme..example",
        "a" * 65 + "@acme.example",
        ", ".join(f"p{n}@acme.example" for n in range(6)),
    ],
)
def test_recipients_that_hide_or_smuggle_are_refused(to):
    with pytest.raises(ValidationError):
        MailParams(to=to, subject="Hi", text="Hi")


@pytest.mark.parametrize("subject", ["a\nBcc: m@evil.example", "=?utf-8?q?Pay_now?=", "\u202ekcab"])
def test_a_subject_shows_what_it_says(subject):
    with pytest.raises(ValidationError):
        MailParams(to="ap@acme.example", subject=subject, text="Hi")


def _is_sendable(mail):
    try:
        return MailParams(to="ap@acme.example", subject=mail[0], text=mail[1])
    except ValidationError:
        return None


characters = st.characters(exclude_categories=("Cs",))


@settings(max_examples=150, deadline=None)
@given(st.tuples(st.text(characters, max_size=120), st.text(characters, max_size=300)))
def test_what_is_sent_is_read_again_as_it_was_shown(said):
    params = _is_sendable(said)
    if params is None:
        return
    mail = message.Mail(
        "<a@b.example>",
        frozenset({"ap@acme.example"}),
        params.subject,
        message.canonical(params.text),
    )
    data = message.written(SENDER, ("ap@acme.example",), mail, datetime(2026, 11, 12, tzinfo=UTC))
    assert message.read(data) == mail


@pytest.mark.parametrize(
    "to",
    ["a@evil-acme.example", "a@acme.example.evil.example", "a@sub.acme.example", "a@evil.example"],
)
def test_only_the_listed_domains_and_mailboxes_are_written_to(post, to):
    with pytest.raises(Rejected, match="may not write to"):
        send(credential(post), MailParams(to=f"ap@acme.example, {to}", subject="Hi", text="Hi"))
    assert post.mails == []


def test_when_one_recipient_is_refused_nobody_gets_the_mail(post):
    post.unknown_people = frozenset({"boss@acme.example"})
    with pytest.raises(Rejected, match=r"boss@acme\.example .*nobody of that name"):
        send(credential(post))
    assert post.mails == []


def test_a_mail_larger_than_the_server_takes_is_not_begun():
    post = started(Post(ACCOUNT, SECRET, size_bytes_max=300))
    with pytest.raises(Rejected, match="takes 300 at most"):
        send(credential(post))
    post.unplug()


def test_the_same_mail_twice_running_is_refused_and_another_is_not(post):
    used = credential(post)
    send(used)
    with pytest.raises(Rejected, match="said exactly this"):
        send(used, key="run-2:step-1")
    send(used, PARAMS.model_copy(update={"text": "Refunded again."}), key="run-2:step-1")
    assert len(post.mails) == 2


@pytest.mark.parametrize("kind", ["time_out_before_write", "time_out_after_write"])
def test_a_lost_answer_without_a_folder_stays_unknown_and_is_not_sent_again(post, kind):
    used = credential(post, folder=False)
    post.arm(kind, "execute")
    with pytest.raises(OutcomeUnknown):
        send(used)
    with opened(CONNECTOR, used) as session, pytest.raises(Rejected, match="SMTP does not tell"):
        OPERATION.lookup(session, PARAMS, "run-1:step-1")


def test_without_a_folder_a_mail_is_read_back_until_a_restart(post):
    used = credential(post, folder=False)
    first = send(used)
    with opened(CONNECTOR, used) as session:
        seen = OPERATION.read(session, PARAMS)
        assert (seen.fields["mails"], seen.version) == (1, first.version)
        assert OPERATION.lookup(session, PARAMS, "run-1:step-1").is_replay
        sent.forget()
        with pytest.raises(Rejected):
            OPERATION.lookup(session, PARAMS, "run-1:step-1")


def test_the_key_of_another_mail_is_refused(post):
    used = credential(post)
    send(used)
    with pytest.raises(Rejected, match="another mail"):
        send(used, PARAMS.model_copy(update={"text": "Something else."}))


def test_a_colleague_who_wrote_first_is_a_conflict(post):
    used = credential(post)
    with opened(CONNECTOR, used) as session:
        before = OPERATION.read(session, PARAMS)
        send(used, PARAMS.model_copy(update={"subject": "By a colleague"}), key="theirs")
        with pytest.raises(Conflict, match="wrote to"):
            OPERATION.execute(session, PARAMS, before, "ours")
    assert len(post.mails) == 1


def test_a_later_is_not_a_no_and_says_when(post):
    post.arm("rate_limit", "execute")
    with pytest.raises(Unavailable) as caught:
        send(credential(post))
    assert caught.value.retry_after_seconds == 300


@pytest.mark.parametrize("folder", [True, False])
def test_a_server_elsewhere_without_encryption_is_told_no_secret(post, monkeypatch, folder):
    asked = []
    monkeypatch.setattr(address, "is_loopback", lambda _: False)
    monkeypatch.setattr(post, "let_in", lambda *said: asked.append(said))
    with pytest.raises(Rejected, match="offers no encryption"):
        send(credential(post, folder=folder))
    assert asked == []


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
def test_a_certificate_that_nobody_vouches_for_is_told_no_secret(scheme, monkeypatch, tmp_path):
    context, authority = _certificate(tmp_path)
    post = started(Post(ACCOUNT, SECRET), context, offers_tls=scheme == "smtp")
    monkeypatch.setattr(address, "is_loopback", lambda _: False)
    used = credential(post, scheme=scheme, folder=scheme == "smtps")
    with pytest.raises(Unavailable, match=r"SSLCertVerificationError"):
        send(used)
    assert post.mails == []
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    sent.forget()
    send(used)
    assert len(post.mails) == 1
    post.unplug()


@pytest.mark.parametrize(
    "where",
    [
        "",
        "mail.example.com",
        "http://mail.example.com?from=a@b.example&to=c.example",
        "smtps://mail.example.com?to=c.example",
        "smtps://mail.example.com?from=a@b.example",
        "smtps://mail.example.com?from=a@b.example&to=*",
        "smtps://mail.example.com?from=a@b.example&from=c@b.example&to=c.example",
        "smtps://user:pass@mail.example.com?from=a@b.example&to=c.example",
        "smtps://mail.example.com:notaport?from=a@b.example&to=c.example",
        "smtps://mail.example.com?from=a@b.example&to=c.example&imap=http://x",
        "smtps://mail.example.com?from=a@b.example&to=c.example&tls=off",
        "smtps://mail.example.com?from=a@b.example&to=c.example&client=x",
        "smtps://mail.example.com?from=a@b.example&to=c.example&client=x&token=http://login.example",
        "smtps://mail.example.com?from="
        + quote("a@b.example\r\nRCPT TO:<x@y.z>")
        + "&to=c.example",
    ],
)
def test_an_address_that_is_not_understood_opens_nothing(where):
    with (
        pytest.raises(Rejected, match="not understood") as caught,
        opened(CONNECTOR, Credential(ACCOUNT, "sandbox", SCOPES, where, SECRET)),
    ):
        pass
    assert "pass@" not in str(caught.value)


def test_a_mail_by_hand_is_shown_bounded_and_without_what_hides():
    data = (
        b"To: ap@acme.example\r\nSubject: =?utf-8?q?a=07b?=\r\nMessage-ID: <x@y.example>\r\n"
        b"Content-Type: text/plain; charset=no-such\r\n\r\n" + b"x" * 100_000
    )
    mail = message.read(data)
    assert mail.subject == "ab"
    assert len(mail.text) <= 2_000
    assert message.read(b"\xff\xfe not a mail").recipients == frozenset()


def test_undo_says_why_there_is_none(post):
    with opened(CONNECTOR, credential(post)) as session:
        before = OPERATION.read(session, PARAMS)
        assert "cannot be called back" in OPERATION.undo(PARAMS, before).why
        result = OPERATION.execute(session, PARAMS, before, "k")
        with pytest.raises(Rejected, match=mail_send.WHY):
            OPERATION.compensate(session, PARAMS, before, result, "k:undo")


class Authority(BaseHTTPRequestHandler):
    """Gives a new token for the one secret; says nothing to others."""

    tokens: ClassVar[list[str]] = []
    post: ClassVar[Post]

    def do_POST(self):
        said = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        is_it = said["client_secret"] == [SECRET] and said["client_id"] == ["app"]
        if is_it:
            self.tokens.append(f"token-{len(self.tokens)}-of-the-authority")
            self.post.token = self.tokens[-1]
        answer = {"access_token": self.post.token, "expires_in": 3599} if is_it else {}
        self.send_response(200 if is_it else 401)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def authority(post):
    Authority.tokens.clear()
    Authority.post = post
    server = ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"&client=app&token=http://127.0.0.1:{server.server_address[1]}/token"
    server.shutdown()
    server.server_close()


def test_a_provider_of_tokens_gets_one_for_both_servers_and_no_secret(post, authority):
    post.secret = "never said to a mail server"
    good = credential(post)
    used = replace(good, address=good.address + authority)
    send(used)
    send(used, PARAMS.model_copy(update={"text": "More."}), "two")
    assert len(post.mails) == 2
    assert len(Authority.tokens) == 1
    post.token = "revoked"
    with pytest.raises(Rejected) as caught:
        send(used, PARAMS.model_copy(update={"text": "Again."}), "three")
    assert caught.value.is_secret_refused
    send(used, PARAMS.model_copy(update={"text": "Again."}), "three")
    assert len(post.mails) == 3


@pytest.mark.parametrize("folder", [True, False])
def test_a_wrong_client_secret_is_no_token(post, authority, folder):
    good = credential(post, folder=folder)
    wrong = replace(good, address=good.address + authority, secret="another secret")
    with pytest.raises(Rejected, match="gives no token") as caught:
        send(wrong)
    assert caught.value.is_secret_refused
    assert "another secret" not in str(caught.value)


def _certificate(folder):
    """A server's context for 127.0.0.1, and the file of who signed it: itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail stand-in")])
    now = datetime.now(UTC)
    from ipaddress import ip_address

    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path, secret = folder / "cert.pem", folder / "key.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, secret)
    return context, path
