"""A session is of the account and the environment that its connection says, or there is none."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors import opening, scoped
from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.operation import Connector, Identity

GOOD = Credential("acct_1", "sandbox", frozenset({"a:read"}), "https://x.example", "s3cret-value")


class System:
    """One that knows one account and counts how often it is asked who that is."""

    def __init__(self, identity: Identity) -> None:
        self.identity, self.asked = identity, 0
        self.connector = Connector("pay", (), (), self.open, self.identify)

    @contextmanager
    def open(self, credential):
        yield credential

    def identify(self, session):
        self.asked += 1
        return self.identity


@pytest.fixture(autouse=True)
def _nobody_known():
    opening.forget_identities()


def test_the_systems_own_word_opens():
    system = System(Identity("acct_1", "sandbox"))
    with opening.opened(system.connector, GOOD) as session:
        assert session == GOOD
    with opening.opened(System(Identity("acct_1", None)).connector, GOOD):
        pass


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        (Identity("acct_2", "sandbox"), "acct_2"),
        (Identity("acct_1", "production"), "production"),
    ],
)
def test_another_account_or_environment_opens_nothing(identity, said):
    with (
        pytest.raises(Rejected, match=said) as caught,
        opening.opened(System(identity).connector, GOOD),
    ):
        pytest.fail("a session was opened")
    assert "s3cret" not in str(caught.value)


def test_an_expired_credential_opens_nothing():
    system = System(Identity("acct_1", "sandbox"))
    expired = replace(GOOD, expires_at=datetime(2000, 1, 1, tzinfo=UTC))
    with pytest.raises(Rejected, match="expired"), opening.opened(system.connector, expired):
        pytest.fail("a session was opened")


def test_a_system_is_asked_once_for_a_secret_and_again_for_the_next():
    system = System(Identity("acct_1", "sandbox"))
    for credential in (GOOD, GOOD, replace(GOOD, secret="rotated-value"), GOOD):
        with opening.opened(system.connector, credential):
            pass
    assert system.asked == 2


def test_a_refused_secret_is_asked_about_anew():
    system = System(Identity("acct_1", "sandbox"))
    with pytest.raises(Rejected), opening.opened(system.connector, GOOD):
        raise Rejected("The secret is not accepted.", is_secret_refused=True)
    with opening.opened(system.connector, GOOD):
        pass
    assert system.asked == 2


def test_what_is_remembered_has_an_end(monkeypatch):
    system = System(Identity("acct_1", "sandbox"))
    monkeypatch.setattr(opening, "IDENTITIES_MAX", 1)
    for address in ("https://a.example", "https://b.example", "https://a.example"):
        with opening.opened(system.connector, replace(GOOD, address=address)):
            pass
    assert system.asked == 3
    monkeypatch.setattr(opening, "IDENTITY_SECONDS", 0)
    opening.forget_identities()
    for _ in range(2):
        with opening.opened(system.connector, GOOD):
            pass
    assert system.asked == 5


def test_a_missing_scope_is_named():
    scoped.require("acct_1", {"a:read"}, {"a:read"})
    with pytest.raises(Rejected, match="acct_1 lacks b:write"):
        scoped.require("acct_1", {"a:read"}, {"a:read", "b:write"})
