"""Secrets come from where a connection names them, at every session, and are never said."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from connectors.errors import Rejected, Unavailable
from connectors.secrets import hiding, resolving
from connectors.secrets.file import is_readable_by_others
from connectors.secrets.reference import parse
from connectors.secrets.resolving import SECRET_CACHE_SECONDS, Secrets

VALUE = "hunter2-hunter2"


class Keeper:
    """A manager that counts how often it is asked."""

    def __init__(self) -> None:
        self.value, self.asked = VALUE, 0

    def __call__(self, reference, environ):
        self.asked += 1
        return self.value


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def keeper(monkeypatch):
    keeper = Keeper()
    monkeypatch.setattr(resolving, "_FETCHED", {"aws": keeper})
    return keeper


@pytest.mark.parametrize(
    "text",
    [
        "env:ASSENT_STRIPE_SECRET",
        "file:/run/secrets/stripe key",
        "keyring:assent/stripe",
        "aws:prod/stripe#api_key",
        "aws:arn:aws:secretsmanager:eu-west-1:123456789012:secret:stripe-AbCdEf#key",
        "aws:stripe",
        "vault:secret/apps/stripe#api_key",
    ],
)
def test_a_reference_says_itself_again(text):
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        VALUE,
        "env:",
        f"env:{VALUE}",
        "file:relative",
        "file:/a\nb",
        "keyring:service",
        "vault:secret/path",
        "vault:path#field",
        f"sk_live:{VALUE}",
        "aws:a b",
        "env:" + "A" * 1000,
    ],
)
def test_what_is_no_reference_is_never_repeated(text):
    with pytest.raises(Rejected, match="never the secret itself") as caught:
        Secrets({}).resolve(text)
    assert VALUE not in f"{caught.value!r} {caught.value.__context__!r}"


def test_a_variable_that_is_not_set_is_named():
    assert Secrets({"A_SECRET": VALUE}).resolve("env:A_SECRET") == VALUE
    for environ in ({}, {"A_SECRET": ""}):
        with pytest.raises(Rejected, match="env:A_SECRET"):
            Secrets(environ).resolve("env:A_SECRET")


def test_a_file_is_read_for_every_session(tmp_path: Path):
    path = tmp_path / "secret"
    path.write_text(f"{VALUE}\n")
    secrets = Secrets({})
    assert secrets.resolve(f"file:{path}") == VALUE
    path.write_text("the-next-one\r\n")
    assert secrets.resolve(f"file:{path}") == "the-next-one"


def test_a_file_that_is_none_is_refused_and_never_waited_for(tmp_path: Path):
    import os

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "empty").write_bytes(b"\n")
    for name in ("pipe", "large", "binary", "empty", "missing", "."):
        with pytest.raises(Rejected, match=f"file:{tmp_path}"):
            Secrets({}).resolve(f"file:{tmp_path}/{name}")


def test_a_file_that_others_may_read_is_seen(tmp_path: Path):
    path = tmp_path / "secret"
    path.write_text(VALUE)
    for mode, is_open in ((0o600, False), (0o640, True), (0o604, True), (0o400, False)):
        path.chmod(mode)
        assert is_readable_by_others(parse(f"file:{path}")) is is_open
    assert not is_readable_by_others(parse(f"file:{path}-missing"))


def test_what_a_manager_gave_is_kept_a_minute(keeper):
    clock = Clock()
    secrets = Secrets({}, clock)
    for _ in range(3):
        assert secrets.resolve("aws:stripe") == VALUE
    assert keeper.asked == 1
    keeper.value = "rotated-value"
    clock.now += SECRET_CACHE_SECONDS
    assert secrets.resolve("aws:stripe") == "rotated-value"


def test_a_refused_secret_is_fetched_anew_at_once(keeper):
    secrets = Secrets({}, Clock())
    assert secrets.resolve("aws:stripe") == VALUE
    assert not secrets.is_renewed("aws:stripe", VALUE)
    keeper.value = "rotated-value"
    assert secrets.is_renewed("aws:stripe", VALUE)
    assert secrets.resolve("aws:stripe") == "rotated-value"


def test_a_manager_that_is_away_is_not_replaced_by_an_old_answer(keeper, monkeypatch):
    clock = Clock()
    secrets = Secrets({}, clock)
    secrets.resolve("aws:stripe")

    def away(reference, environ):
        raise Unavailable("AWS Secrets Manager cannot be asked.")

    monkeypatch.setattr(resolving, "_FETCHED", {"aws": away})
    clock.now += SECRET_CACHE_SECONDS
    with pytest.raises(Unavailable):
        secrets.resolve("aws:stripe")


@pytest.mark.parametrize("scheme", ["keyring:a/b", "aws:a", "vault:secret/a#b"])
def test_a_missing_extra_says_how_to_get_it(scheme, monkeypatch):
    import sys

    for module in ("keyring", "botocore.config", "hvac"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Rejected, match=r"pip install 'assent\["):
        Secrets({}).resolve(scheme)


@pytest.mark.parametrize("wrapped", ["{}", "u:{}", "user:{}", "x{}y"])
def test_no_library_can_log_a_secret_that_was_resolved(caplog, wrapped):
    import base64
    from urllib.parse import quote

    secret = "p@ss/word+secret=9"
    Secrets({"A": secret}).resolve("env:A")
    caplog.set_level(logging.DEBUG)
    log = logging.getLogger("some.sdk")
    text = wrapped.format(secret)
    log.debug("headers %s", {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"})
    log.debug("body %r and %s", text, quote(text, safe=""))
    log.info(text)
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed")
    log.info("wrong %s %s", text)  # noqa: PLE1206 - as SDKs do too
    assert secret not in caplog.text
    assert quote(secret, safe="") not in caplog.text
    encoded = base64.b64encode(text.encode()).decode().rstrip("=")
    assert encoded not in caplog.text
    assert encoded[8:20] not in caplog.text
    assert "Traceback" in caplog.text


def test_of_a_json_key_the_long_values_are_hidden_and_the_names_are_not():
    import json

    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    key = f"-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----\n"
    hiding.hide(json.dumps({"type": "service_account", "private_key": key}, indent=1))
    assert hiding.hidden(f"service_account {line}") == "service_account [removed]"


def test_what_is_known_as_secret_is_bounded(monkeypatch):
    monkeypatch.setattr(hiding, "SECRETS_MAX", 2)
    for secret in ("first-secret", "second-secret", "third-secret"):
        hiding.hide(secret)
    assert hiding.hidden("second-secret third-secret") == "[removed] [removed]"
    hiding.hide("abc")
    assert hiding.hidden("abc") == "abc"
