"""The same calls against somebody else's idea of Okta: npm's emulate, which serves users, groups
and the lifecycle (no roles, applications of groups, System Log or sessions)."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

import pytest

from connectors.conformance.node import NodeServer, served
from connectors.credentials import Credential
from connectors.errors import Rejected
from connectors.okta import accounts, memberships
from connectors.okta.accounts import PersonParams
from connectors.okta.directory import is_member, told, user
from connectors.okta.memberships import MembershipParams
from connectors.okta.session import open_session

pytestmark = pytest.mark.slow
TOKEN = "00anyTokenIsTakenHere0"


@pytest.fixture
def session():
    address = served(NodeServer("emulate", arguments=("--service", "okta", "--port", "{port}")))
    scopes = memberships.SCOPES | accounts.SCOPES
    with open_session(Credential("any", "sandbox", scopes, address, TOKEN)) as its_session:
        yield its_session


def made(session, kind, profile):
    request = Request(
        f"{session.address}/api/v1/{kind}",
        json.dumps({"profile": profile}).encode(),
        {"Authorization": f"SSWS {TOKEN}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)["id"]


def test_memberships_and_the_lifecycle_are_as_emulate_has_them(session):
    person = made(session, "users", {"login": "dana@acme.example", "firstName": "Dana"})
    group = made(session, "groups", {"name": "Readers"})
    params = MembershipParams(person=person, group=group)
    assert not is_member(session, group, person)
    memberships.add(session, params, None, {})
    assert is_member(session, group, person)
    memberships.remove(session, params, None, {})
    assert not is_member(session, group, person)
    accounts.suspend(session, PersonParams(person=person), None, {})
    assert user(session, person)["status"] == "SUSPENDED"
    accounts.restore(session, PersonParams(person=person), None, {})
    assert told(user(session, person)).status == "ACTIVE"
    assert told(user(session, person)).login == "dana@acme.example"


def test_who_is_not_there_is_rejected(session):
    with pytest.raises(Rejected, match="does not have the person 00unobody"):
        user(session, "00unobody")
