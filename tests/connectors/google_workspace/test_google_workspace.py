"""What Google does besides the happy path: roles in groups, pages, limits said with 403, accounts
that Google itself suspended, people renamed or gone, keys and delegations that are refused."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import Conflict, Rejected, Unavailable
from connectors.google_workspace import standin, tokens
from connectors.google_workspace.accounts import PersonParams
from connectors.google_workspace.conformance import (
    ADMINS,
    DANA,
    IVY,
    OMAR,
    READERS,
    ROOT,
    SCOPES,
    WORLD,
    WRITER_KEY,
    domain,
    proxy,
)
from connectors.google_workspace.connector import CONNECTOR
from connectors.google_workspace.google_workspace_add_to_group import OPERATION as ADD
from connectors.google_workspace.google_workspace_find_groups import FINDER as GROUPS
from connectors.google_workspace.google_workspace_find_people import FINDER as PEOPLE
from connectors.google_workspace.google_workspace_remove_from_group import OPERATION as REMOVE
from connectors.google_workspace.google_workspace_reset_sessions import OPERATION as RESET
from connectors.google_workspace.google_workspace_restore import OPERATION as RESTORE
from connectors.google_workspace.google_workspace_suspend import OPERATION as SUSPEND
from connectors.google_workspace.memberships import GrantParams, MembershipParams
from connectors.google_workspace.sending import Answered, Sender
from connectors.google_workspace.session import open_session
from connectors.google_workspace.standin import user
from connectors.opening import opened
from connectors.wire import Call

pytestmark = pytest.mark.slow
JOIN = GrantParams(person=DANA, group=READERS)
WHO = PersonParams(person=DANA)


class Refusing(dict):
    """Tokens of which none is taken."""

    def __contains__(self, _token):
        return False


def kept_token(session):
    asking = Sender(session.client, session.peer, Call("it", is_write=False))
    token, is_kept = tokens.token(session.key, asking)
    assert is_kept
    return token


@pytest.fixture
def address(tmp_path):
    return WORLD.fresh(tmp_path)


@pytest.fixture
def session(address):
    with opened(CONNECTOR, WORLD.writer(address, "")) as its_session:
        yield its_session


def test_a_removed_manager_comes_back_as_a_manager(address, session):
    leave = MembershipParams(person=OMAR, group=READERS)
    before = REMOVE.read(session, leave)
    result = REMOVE.execute(session, leave, before, "key")
    assert OMAR not in domain(address).members[READERS]
    REMOVE.compensate(session, leave, before, result, "undo")
    assert domain(address).members[READERS][OMAR] == "MANAGER"


def test_the_last_owner_stays_and_one_of_two_may_leave(address, session):
    leave = MembershipParams(person=ROOT, group=READERS)
    with pytest.raises(Rejected, match="last owner"):
        REMOVE.preview(leave, REMOVE.read(session, leave))
    domain(address).members[READERS][DANA] = "OWNER"
    assert REMOVE.preview(leave, REMOVE.read(session, leave))["is_member"] is False


def test_an_owner_made_since_the_read_is_a_conflict(address, session):
    leave = MembershipParams(person=OMAR, group=READERS)
    before = REMOVE.read(session, leave)
    domain(address).members[READERS][OMAR] = "OWNER"
    with pytest.raises(Conflict):
        REMOVE.execute(session, leave, before, "key")


def test_administrators_roles_are_looked_for_over_pages(address, session):
    domain(address).page_items_max = 1
    facts = ADD.facts(JOIN, ADD.read(session, JOIN.model_copy(update={"group": ADMINS})))
    assert facts["group.is_admin"]
    domain(address).assigned = [f"{number}" for number in range(4)]
    assert not ADD.facts(JOIN, ADD.read(session, JOIN))["group.is_admin"]


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"])
def test_a_limit_said_with_403_is_busy_and_no_lack_of_permission(session, reason):
    body = {"error": {"code": 403, "message": "later", "errors": [{"reason": reason}]}}
    sender = Sender(session.client, session.peer, Call("it", is_write=True))
    said = sender._refusal(Answered(403, {}, json.dumps(body).encode()))
    assert isinstance(said, Unavailable)
    assert said.retry_after_seconds == 60


def test_an_account_that_google_suspended_is_not_restored(address, session):
    domain(address).users[IVY]["suspensionReason"] = "ABUSE"
    ivy = PersonParams(person=IVY)
    with pytest.raises(Rejected, match=r"Google itself suspended .*ABUSE"):
        RESTORE.preview(ivy, RESTORE.read(session, ivy))


def test_archived_accounts_are_left_alone(address, session):
    domain(address).users[DANA]["archived"] = True
    with pytest.raises(Rejected, match="archived"):
        SUSPEND.preview(WHO, SUSPEND.read(session, WHO))
    with pytest.raises(Rejected, match="archived"):
        ADD.preview(JOIN, ADD.read(session, JOIN))


def test_the_last_super_administrator_is_not_suspended_and_one_of_two_is(address, session):
    root = PersonParams(person=ROOT)
    with pytest.raises(Rejected, match="last super administrator"):
        SUSPEND.preview(root, SUSPEND.read(session, root))
    domain(address).users[DANA]["isAdmin"] = True
    assert SUSPEND.preview(root, SUSPEND.read(session, root)) == {"is_suspended": True}


def test_a_person_deleted_since_the_read_is_named(address, session):
    before = SUSPEND.read(session, WHO)
    del domain(address).users[DANA]
    with pytest.raises(Rejected, match="may be deleted"):
        SUSPEND.execute(session, WHO, before, "key")


def test_permission_lost_between_read_and_write_names_what_lacks(address, session):
    before = SUSPEND.read(session, WHO)
    session_token = kept_token(session)
    subject, held = standin._TOKENS[session_token]
    kept = frozenset(each for each in held if each.endswith(".readonly"))
    standin._TOKENS[session_token] = (subject, kept)
    with pytest.raises(Rejected, match=r"does not permit .* people:write"):
        SUSPEND.execute(session, WHO, before, "key")
    assert not domain(address).users[DANA]["suspended"]


def test_no_more_is_asked_for_than_the_connections_scopes_need(address):
    narrow = replace(WORLD.writer(address, ""), scopes=frozenset({"people:read", "people:write"}))
    with open_session(narrow) as session:
        SUSPEND.read(session, WHO)
        asked = standin._TOKENS[[*standin._TOKENS][-1]][1]
    assert {each.rpartition("admin.directory.")[2] for each in asked} == {
        "customer.readonly",
        "user.readonly",
        "user",
    }


def test_a_kept_token_that_google_no_longer_takes_is_asked_for_anew(address, session, monkeypatch):
    before, answer = SUSPEND.read(session, WHO), standin.answer
    tokens_before = [kept_token(session)]

    def revoking(domain, asked):
        if asked.method == "PATCH" and tokens_before:
            del standin._TOKENS[tokens_before.pop()]
        return answer(domain, asked)

    monkeypatch.setattr(standin, "answer", revoking)
    SUSPEND.execute(session, WHO, before, "key")
    assert SUSPEND.read(session, WHO).fields == {"is_suspended": True}
    writes = [each.status for each in proxy(address).exchanges() if each.method == "PATCH"]
    assert writes == [401, 200]


def test_a_fresh_token_that_google_refuses_is_refused_and_forgotten(address, session, monkeypatch):
    SUSPEND.read(session, WHO)
    with monkeypatch.context() as patched:
        patched.setattr(standin, "_TOKENS", Refusing())
        with pytest.raises(Rejected) as caught:
            SUSPEND.read(session, WHO)
    assert caught.value.is_secret_refused
    asked = [each.path for each in proxy(address).exchanges() if each.status != 200]
    assert len(asked) == 2
    assert SUSPEND.read(session, WHO).fields == {"is_suspended": False}


def test_a_delegation_that_was_withdrawn_names_the_scopes_to_delegate(address):
    domain(address).delegated = {WRITER_KEY: ("someone@acme.example", frozenset())}
    with (
        pytest.raises(Rejected, match=r"unauthorized_client.*admin\.directory\.user"),
        opened(CONNECTOR, WORLD.writer(address, "")),
    ):
        pass


def test_the_token_of_a_key_is_asked_for_where_google_gives_them(address):
    good = WORLD.writer(address, "")
    elsewhere = replace(good, address="https://admin.googleapis.com")
    assert tokens.key(elsewhere, elsewhere.address).asked_at == tokens.TOKEN_ADDRESS
    assert "elsewhere.example" in good.secret


def test_people_and_groups_are_found_by_what_is_exact_alone(address, session):
    twin = "01twin00000000c"
    domain(address).groups[twin] = {
        "id": twin,
        "email": "second@acme.example",
        "name": "Billing readers",
    }
    found = GROUPS.find(session, "Billing readers")
    assert {each.id for each in found} == {READERS, twin}
    assert [each.id for each in PEOPLE.find(session, "d.cole@acme.example")] == [DANA]
    assert PEOPLE.find(session, "Dana Cole") == ()
    assert GROUPS.find(session, "x' email:*") == ()


def test_an_address_in_place_of_an_id_is_no_id(address, session):
    domain(address).users["dana"] = user("dana", "x@acme.example", "X", aliases=["alias"])
    with pytest.raises(Rejected, match="no person with the id alias"):
        SUSPEND.read(session, PersonParams(person="alias"))


def test_no_key_and_no_token_is_in_any_log_or_repr(address, caplog):
    caplog.set_level(logging.DEBUG)
    with opened(CONNECTOR, WORLD.writer(address, "")) as session:
        ADD.execute(session, JOIN, ADD.read(session, JOIN), "key")
        value = kept_token(session)
        shown = repr(session) + caplog.text
    assert value not in shown
    assert session.key.private_key[40:80] not in shown
    assert any(
        value in each.headers.get("authorization", "") for each in proxy(address).exchanges()
    )


def test_scopes_of_google_are_known_for_every_scope_of_ours():
    assert set(tokens.OAUTH_SCOPES) == SCOPES


@pytest.mark.parametrize("what", ["signed in since", "long ago"])
def test_sessions_may_be_open_again_after_a_sign_in_and_after_a_while(address, session, what):
    RESET.execute(session, WHO, RESET.read(session, WHO), "key")
    assert RESET.read(session, WHO).fields == {"sessions": "ended"}
    assert RESET.lookup(session, WHO, "key") is not None
    ago = datetime.now(UTC) - timedelta(minutes=11)
    if what == "long ago":
        _, whose = domain(address).resets[0]
        domain(address).resets[0] = (f"{ago:%Y-%m-%dT%H:%M:%S}.000Z", whose)
    else:
        later = datetime.now(UTC) + timedelta(seconds=1)
        domain(address).users[DANA]["lastLoginTime"] = f"{later:%Y-%m-%dT%H:%M:%S}.000Z"
    assert RESET.read(session, WHO).fields == {"sessions": "may be open"}
    assert RESET.lookup(session, WHO, "key") is None


def test_a_sign_out_of_somebody_else_does_not_count(address, session):
    other = PersonParams(person=OMAR)
    RESET.execute(session, other, RESET.read(session, other), "key")
    assert RESET.read(session, WHO).fields == {"sessions": "may be open"}


def test_a_moment_that_cannot_be_read_is_no_sign_out(address, session):
    RESET.execute(session, WHO, RESET.read(session, WHO), "key")
    domain(address).users[DANA]["lastLoginTime"] = "yesterday"
    with pytest.raises(Unavailable, match="names no moment"):
        RESET.read(session, WHO)
