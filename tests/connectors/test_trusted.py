"""The machine's certificate authorities are read once, not at every session."""

from __future__ import annotations

import ssl

import pytest

from connectors.credentials import Credential
from connectors.mcp.bounded import Seen, bounded_client
from connectors.okta.session import open_session
from connectors.trusted import authorities


def test_a_session_does_not_read_the_authorities_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert authorities().verify_mode is ssl.CERT_REQUIRED
    assert authorities().check_hostname

    def read_again(*_: object, **__: object) -> ssl.SSLContext:
        raise AssertionError("the authorities are read again")

    monkeypatch.setattr(ssl, "create_default_context", read_again)
    account = "00o1/assent@acme.example"
    okta = Credential(account, "sandbox", frozenset(), "https://acme.okta.com", "0" * 30)
    with open_session(okta):
        bounded_client("secret", Seen())
