"""The key travels encrypted, to a host that has proved who it is."""

from __future__ import annotations

import datetime
import socket
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.planner.anthropic_model import AnthropicModel
from bot.planner.model import ModelAwayError
from tests.model_server import ModelServer, drips, says

pytestmark = pytest.mark.slow  # the SDK takes seconds to import

KEY = "sk-ant-canary-5f0e"
REQUEST = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 512,
    "messages": [{"role": "user", "content": "refund order 1043"}],
}


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key with a certificate for localhost that nobody has signed but itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names.append(x509.IPAddress(ip_address("127.0.0.1")))
    made = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    path = tmp_path / "localhost.pem"
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    path.write_bytes(private.private_bytes(pem, form, plain) + made.public_bytes(pem))
    return path


def _served(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def test_a_host_that_cannot_prove_itself_gets_nothing(certificate: Path) -> None:
    with ModelServer(KEY, [says("hello")], tls=_served(certificate)) as server:
        with pytest.raises(ModelAwayError, match="cannot be reached"):
            AnthropicModel(KEY, server.url).answer(REQUEST, 10)
        assert server.bytes_received == b""


def test_a_host_that_proves_itself_is_asked_within_the_time(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(httpx2, "create_ssl_context", lambda **_: _trusting(certificate))
    with ModelServer(KEY, [says("hello"), drips()], tls=_served(certificate)) as server:
        model = AnthropicModel(KEY, server.url)
        assert model.answer(REQUEST, 10).content[0]["text"] == "hello"
        with pytest.raises(ModelAwayError, match="within 1 seconds"):
            model.answer(REQUEST, 1)


def test_another_address_of_the_host_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    found = socket.getaddrinfo

    def two(host: Any, *args: Any, **kwargs: Any) -> list[Any]:
        dead = ("127.0.0.2", args[0] if args else 0)  # nobody listens there
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", dead), *found(host, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with ModelServer(KEY, [says("hello")]) as server:
        assert AnthropicModel(KEY, server.url).answer(REQUEST, 10).stop_reason == "end_turn"


def _trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))
