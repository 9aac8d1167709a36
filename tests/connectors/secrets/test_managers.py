"""The secret managers over the wire: AWS Secrets Manager, Vault and a keyring."""

from __future__ import annotations

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import boto3
import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from moto.server import ThreadedMotoServer

from connectors.errors import Rejected, Unavailable
from connectors.secrets.resolving import Secrets

pytestmark = pytest.mark.slow
VALUE = "canary-0a1b2c3d4e5f"


@pytest.fixture(scope="module")
def aws():
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing-key")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        client = boto3.client("secretsmanager")
        client.create_secret(Name="plain", SecretString=VALUE)
        client.create_secret(Name="app/json", SecretString=json.dumps({"key": VALUE, "n": 1}))
        client.create_secret(Name="binary", SecretBinary=b"\xff")
        yield client
    server.stop()


def test_aws_gives_text_and_keys_of_json(aws):
    arn = aws.describe_secret(SecretId="app/json")["ARN"]
    for reference in ("aws:plain", "aws:app/json#key", f"aws:{arn}#key"):
        assert Secrets({}).resolve(reference) == VALUE


@pytest.mark.parametrize(
    "reference",
    ["aws:missing", "aws:app/json#other", "aws:app/json#n", "aws:plain#key", "aws:binary"],
)
def test_aws_says_what_is_not_there_and_never_what_is(aws, reference):
    with pytest.raises(Rejected, match=reference) as caught:
        Secrets({}).resolve(reference)
    assert VALUE not in str(caught.value)


def test_aws_rotates_without_a_restart(aws):
    aws.create_secret(Name="rotated", SecretString=VALUE)
    secrets = Secrets({})
    assert secrets.resolve("aws:rotated") == VALUE
    aws.put_secret_value(SecretId="rotated", SecretString="the-next-one")
    assert secrets.resolve("aws:rotated") == VALUE
    assert secrets.is_renewed("aws:rotated", VALUE)
    assert secrets.resolve("aws:rotated") == "the-next-one"


def test_aws_that_is_away_is_unavailable(aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="aws:plain"):
        Secrets({}).resolve("aws:plain")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(Unavailable, match="region"):
        Secrets({}).resolve("aws:plain")


def test_the_sdks_own_debug_log_does_not_hold_a_resolved_secret(aws, caplog):
    secrets = Secrets({})
    secrets.resolve("aws:plain")
    caplog.set_level(logging.DEBUG)
    for name in ("botocore", "boto3", "urllib3"):
        caplog.set_level(logging.DEBUG, name)
    caplog.clear()
    secrets.forget("aws:plain")
    secrets.resolve("aws:plain")
    assert VALUE not in caplog.text


class Vault(BaseHTTPRequestHandler):
    """Key/value engine version 2 as Vault's HTTP API documents it: /v1/<mount>/data/<path>."""

    secrets: ClassVar[dict[str, dict | None]] = {}  # None: its newest version was deleted
    is_sealed = False

    def do_GET(self):
        if self.is_sealed:
            return self.answer(503, {"errors": ["Vault is sealed"]})
        if self.headers.get("X-Vault-Token") != "s.right" or "X-Vault-Request" not in self.headers:
            return self.answer(403, {"errors": ["permission denied"]})
        if self.path == "/v1/moved/data/app":
            return self.answer(307, {}, {"Location": "http://127.0.0.1:9/"})
        if not self.path.startswith("/v1/secret/data/"):
            return self.answer(404, {"errors": ["no handler for route"]})
        path = self.path.removeprefix("/v1/secret/data/")
        if path not in self.secrets:
            return self.answer(404, {"errors": []})
        data, metadata = self.secrets[path], {"version": 2, "deletion_time": ""}
        if data is None:
            deleted = {
                "data": None,
                "metadata": {**metadata, "deletion_time": "2026-01-01T00:00:00Z"},
            }
            return self.answer(404, {"data": deleted})
        return self.answer(200, {"data": {"data": data, "metadata": metadata}})

    def answer(self, status, body, headers=()):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def vault(monkeypatch):
    monkeypatch.setattr(Vault, "is_sealed", False)
    monkeypatch.setattr(Vault, "secrets", {"apps/stripe": {"key": VALUE, "n": 1}, "gone": None})
    with ThreadingHTTPServer(("127.0.0.1", 0), Vault) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield {"VAULT_ADDR": f"http://127.0.0.1:{server.server_port}", "VAULT_TOKEN": "s.right"}
        server.shutdown()


def test_vault_gives_a_field(vault, tmp_path: Path):
    assert Secrets(vault).resolve("vault:secret/apps/stripe#key") == VALUE
    token = tmp_path / "token"
    token.write_text("s.right\n")
    by_agent = {**vault, "VAULT_TOKEN": "s.old", "VAULT_TOKEN_FILE": str(token)}
    assert Secrets(by_agent).resolve("vault:secret/apps/stripe#key") == VALUE


@pytest.mark.parametrize(
    "reference",
    [
        "vault:secret/missing#key",
        "vault:secret/gone#key",
        "vault:secret/apps/stripe#other",
        "vault:secret/apps/stripe#n",
        "vault:nowhere/apps/stripe#key",
    ],
)
def test_vault_says_what_is_not_there_and_never_what_is(vault, reference):
    with pytest.raises(Rejected, match=reference) as caught:
        Secrets(vault).resolve(reference)
    assert VALUE not in str(caught.value)


def test_vault_refuses_a_wrong_token_and_is_asked_without_one_never(vault):
    wrong = {**vault, "VAULT_TOKEN": "s.wrong-token"}
    with pytest.raises(Rejected, match="Forbidden") as caught:
        Secrets(wrong).resolve("vault:secret/apps/stripe#key")
    assert "s.wrong-token" not in str(caught.value)
    for name in ("VAULT_ADDR", "VAULT_TOKEN"):
        with pytest.raises(Rejected, match=name):
            Secrets({**vault, name: ""}).resolve("vault:secret/apps/stripe#key")


def test_vault_that_is_sealed_or_away_is_unavailable(vault, monkeypatch):
    with pytest.raises(Unavailable):  # and its token is not carried elsewhere
        Secrets(vault).resolve("vault:moved/app#key")
    monkeypatch.setattr(Vault, "is_sealed", True)
    with pytest.raises(Unavailable):
        Secrets(vault).resolve("vault:secret/apps/stripe#key")
    away = {**vault, "VAULT_ADDR": "http://127.0.0.1:9"}
    with pytest.raises(Unavailable):
        Secrets(away).resolve("vault:secret/apps/stripe#key")


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1
    is_locked = False

    def get_password(self, service, username):
        if self.is_locked:
            raise KeyringLocked("locked")
        return {("assent", "stripe"): VALUE}.get((service, username))

    def set_password(self, service, username, password):
        raise AssertionError("Assent writes no secret")


def test_a_keyring_gives_the_password_of_a_user(monkeypatch):
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    try:
        assert Secrets({}).resolve("keyring:assent/stripe") == VALUE
        with pytest.raises(Rejected, match="keyring set assent nobody"):
            Secrets({}).resolve("keyring:assent/nobody")
        monkeypatch.setattr(Ring, "is_locked", True)
        with pytest.raises(Unavailable, match="locked"):
            Secrets({}).resolve("keyring:assent/stripe")
    finally:
        keyring.set_keyring(before)
