"""Who a session is: both halves as GitHub says them; no token works for another organization."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import TypeAdapter, ValidationError

from connectors.errors import Rejected, Unavailable
from connectors.github import app, github_set_issue_state
from connectors.github.connector import CONNECTOR
from connectors.github.names import Branch, Login, Repository
from connectors.opening import OtherIdentityError

pytestmark = pytest.mark.slow

STATE = github_set_issue_state.OPERATION


def identity(github, **changes):
    with CONNECTOR.open(github.credential(**changes)) as session:
        return CONNECTOR.identify(session)


def test_account_is_organization_and_login(github):
    assert identity(github).account == "acme/assent-bot"
    assert identity(github).environment is None


def test_fine_grained_token_says_no_scopes_and_a_classic_one_does(github):
    assert identity(github).scopes is None
    github.says("GET /user", {"login": "assent-bot"}, x_oauth_scopes="repo, read:org, gist")
    expected = {"issues", "administration"}
    scopes = {f"{name}:{kind}" for name in expected for kind in ("read", "write")}
    assert identity(github).scopes == scopes | {"members:read"}
    github.says("GET /user", {"login": "assent-bot"}, x_oauth_scopes="")
    assert identity(github).scopes == frozenset()


@pytest.mark.parametrize("state", ["pending", None])
def test_token_of_another_organization_opens_nothing(github, state):
    route = "GET /orgs/acme/memberships/assent-bot"
    github.answers.pop(route)
    if state:
        github.says(route, {"role": "member", "state": state})
    with pytest.raises(OtherIdentityError, match="says that it is assent-bot"), github.session():
        raise AssertionError("a session was opened")


def test_record_of_another_organization_is_refused_without_asking(github):
    params = STATE.params(repository="globex/secrets", issue=1, state="open")
    with github.session() as session, pytest.raises(Rejected, match="works in acme alone"):
        STATE.read(session, params)
    assert not any("globex" in asked.path for asked in github.asked)


def test_personal_account_has_no_organization(github):
    assert identity(github, account="assent-bot").account == "assent-bot"


@pytest.mark.parametrize(
    "secret", ["", "  ", "two words", "line\nbreak", "ütf", "{", '{"app_id": 1}']
)
def test_secret_that_cannot_be_one_is_refused_without_asking(github, secret):
    with pytest.raises(Rejected) as caught, CONNECTOR.open(github.credential(secret=secret)):
        raise AssertionError("a session was opened")
    assert caught.value.is_secret_refused
    assert github.asked == []


def test_missing_sdk_says_what_to_install(github, monkeypatch):
    monkeypatch.setitem(sys.modules, "github", None)
    with pytest.raises(Rejected, match=r"pip install 'assent\[github\]'"), github.session():
        raise AssertionError("a session was opened")


def test_account_that_may_not_ask_for_members_is_told_so(github):
    said = {"message": "Resource not accessible by personal access token"}
    github.says("GET /orgs/acme/memberships/assent-bot", said, 403)
    with pytest.raises(Rejected, match="members:read"):
        identity(github)


def test_wrong_token_is_refused_and_not_shown(github):
    said = {"message": f"Bad credentials: {github.token}"}
    github.says("GET /user", said, 401)
    with pytest.raises(Rejected) as caught:
        identity(github)
    assert caught.value.is_secret_refused
    assert github.token not in str(caught.value)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def secret(key):
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
    app._TOKENS.clear()
    return json.dumps({"app_id": 77, "installation_id": 5, "private_key": pem})


@pytest.fixture
def installed(github, key):
    """GitHub with an app "assent" in acme; every call of the app must prove its key."""

    def proven(answer):
        def check(asked):
            token = asked.headers["Authorization"].removeprefix("Bearer ")
            claims = jwt.decode(token, key.public_key(), algorithms=["RS256"])
            assert claims["iss"] == "77"
            assert claims["exp"] - claims["iat"] <= 600
            return answer

        return check

    until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = {"token": "ghs_installation0token", "expires_at": until}
    permissions = {"issues": "write", "members": "read", "metadata": "read"}
    installation = {"account": {"login": "acme"}, "permissions": permissions}
    tokens = "POST /app/installations/5/access_tokens"
    github.does(tokens, proven((201, {}, made)))
    github.does("GET /app", proven((200, {}, {"slug": "assent"})))
    github.does("GET /app/installations/5", proven((200, {}, installation)))
    return github


def test_app_is_known_by_slug_and_organization_with_its_permissions(installed, secret):
    found = identity(installed, account="acme/assent[bot]", secret=secret)
    assert found.account == "acme/assent[bot]"
    assert found.scopes == {"issues:read", "issues:write", "members:read", "metadata:read"}


def test_token_of_an_app_is_got_once_and_hidden(installed, secret):
    credential = {"account": "acme/assent[bot]", "secret": secret}
    for _ in range(3):
        with CONNECTOR.open(installed.credential(**credential)) as session:
            session.get("/user", "the account")
            assert "ghs_installation0token" not in repr(session)
            assert "PRIVATE KEY" not in repr(session)
    assert sum(asked.path.endswith("access_tokens") for asked in installed.asked) == 1
    assert installed.asked[-1].headers["Authorization"] == "token ghs_installation0token"


def test_app_without_installation_is_refused_and_a_broken_one_unavailable(installed, secret):
    tokens = "POST /app/installations/5/access_tokens"
    for answer, error in (
        ((404, {}, {"message": "Not Found"}), Rejected),
        ((201, {}, {}), Unavailable),
    ):
        installed.answers[tokens] = answer
        with pytest.raises(error) as caught, CONNECTOR.open(installed.credential(secret=secret)):
            raise AssertionError("a session was opened")
        assert "PRIVATE KEY" not in str(caught.value)


def test_key_that_is_none_is_refused(github):
    secret = json.dumps({"app_id": 77, "installation_id": 5, "private_key": "no key"})
    with (
        pytest.raises(Rejected, match="cannot be read"),
        CONNECTOR.open(github.credential(secret=secret)),
    ):
        raise AssertionError("a session was opened")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Repository, "acme/.."),
        (Repository, "acme/."),
        (Repository, "acme"),
        (Repository, "acme/x/y"),
        (Repository, "../payments"),
        (Repository, "acme/pay ments"),
        (Repository, "acme/x.git"),
        (Repository, "acme/x\n"),
        (Login, "-maya"),
        (Login, "maya--ops"),
        (Login, "maya-"),
        (Login, "a" * 49),
        (Login, "майя"),
        (Branch, "../main"),
        (Branch, "a//b"),
        (Branch, "a..b"),
        (Branch, "release/*"),
        (Branch, "main?ref=x"),
        (Branch, "x.lock"),
        (Branch, "a@{b"),
        (Branch, "\u202emain"),
    ],
)
def test_names_that_github_does_not_know_are_refused(kind, value):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


def test_names_that_github_knows_are_taken():
    assert TypeAdapter(Login).validate_python("maya-ops_acme")
    assert TypeAdapter(Branch).validate_python("release/2026.11-ü#1%")
    assert TypeAdapter(Repository).validate_python("acme/.github")
