"""What AWS does besides the happy path: long lists, throttling, people gone, groups renamed."""

from __future__ import annotations

import pytest

from connectors.aws_identity import counterpart
from connectors.aws_identity.aws_identity_add_to_group import OPERATION as ADD
from connectors.aws_identity.aws_identity_find_people import FINDER as PEOPLE
from connectors.aws_identity.aws_identity_remove_from_group import OPERATION as REMOVE
from connectors.aws_identity.conformance import (
    ADMINS,
    DANA,
    OMAR,
    READERS,
    WORLD,
    proxy,
    user,
)
from connectors.aws_identity.connector import CONNECTOR
from connectors.aws_identity.memberships import GrantParams, MembershipParams
from connectors.aws_identity.session import place
from connectors.conformance.proxy import is_write
from connectors.credentials import Credential
from connectors.errors import Conflict, Rejected, Unavailable
from connectors.opening import opened

pytestmark = pytest.mark.slow
JOIN = GrantParams(person=DANA, group=READERS)


@pytest.fixture
def address(tmp_path):
    return WORLD.fresh(tmp_path)


@pytest.fixture
def session(address):
    with opened(CONNECTOR, WORLD.writer(address, "")) as its_session:
        yield its_session


def data(address):
    return counterpart.stores()[address.rpartition("/")[2]]


def test_members_beyond_one_page_are_counted(address, session):
    store = data(address)
    for number in range(230):
        store.group_memberships[f"m{number}"] = {
            "MembershipId": f"m{number}",
            "GroupId": READERS,
            "MemberId": {"UserId": f"u{number}"},
        }
    facts = ADD.facts(JOIN, ADD.read(session, JOIN))
    assert facts["group.members"] == 231
    assert facts["group.members_are_all_counted"]


def test_what_a_group_opens_and_whether_it_administers_is_said(session):
    admins = JOIN.model_copy(update={"group": ADMINS})
    facts = ADD.facts(admins, ADD.read(session, admins))
    assert facts["group.assignments"] == ["123456789012 Administrator"]
    assert facts["group.is_admin"]
    assert not ADD.facts(JOIN, ADD.read(session, JOIN))["group.is_admin"]


def test_a_policy_of_ones_own_counts_as_an_administrators(address, session):
    sso = counterpart.sso()
    instance = next(i for i in sso.instances if i.identity_store_id == address.rpartition("/")[2])
    held = next(p for p in sso.permission_sets if p.instance_arn == instance.instance_arn)
    held.managed_policies.clear()
    admins = JOIN.model_copy(update={"group": ADMINS})
    assert not ADD.read(session, admins).about["group_is_admin"]
    held.inline_policy = '{"Statement": []}'
    assert ADD.read(session, admins).about["group_is_admin"]


def test_a_person_deleted_since_the_read_is_named_and_nothing_is_written(address, session):
    before = ADD.read(session, JOIN)
    del data(address).users[DANA]
    held = WORLD.fingerprint(address)
    with pytest.raises(Rejected, match="may be deleted"):
        ADD.execute(session, JOIN, before, "key")
    assert WORLD.fingerprint(address) == held


def test_a_person_renamed_since_the_read_is_a_conflict(address, session):
    before = ADD.read(session, JOIN)
    store = data(address)
    store.users[DANA] = user("d-1", DANA, "someone-else", "Someone Else")
    with pytest.raises(Conflict, match="changed since"):
        ADD.execute(session, JOIN, before, "key")


def test_throttling_says_how_long_to_wait_and_is_not_repeated(address, session):
    ADD.read(session, JOIN)
    wire, seen = proxy(address), len(proxy(address).exchanges())
    wire.arm("rate_limit", is_write)
    with pytest.raises(Unavailable) as caught:
        ADD.read(session, JOIN)
    assert caught.value.retry_after_seconds == 1
    assert len(wire.exchanges()) == seen + 1


def test_the_last_administrator_stays_also_when_an_addition_is_taken_back(address, session):
    join = GrantParams(person=DANA, group=ADMINS)
    before = ADD.read(session, join)
    result = ADD.execute(session, join, before, "key")
    leave = MembershipParams(person=OMAR, group=ADMINS)
    REMOVE.execute(session, leave, REMOVE.read(session, leave), "other")
    with pytest.raises(Rejected, match="last member"):
        ADD.compensate(session, join, before, result, "undo")
    assert ADD.read(session, join).fields == {"is_member": True}


def test_a_name_that_people_show_finds_nobody(session):
    assert PEOPLE.find(session, "Dana Cole") == ()
    assert [r.id for r in PEOPLE.find(session, "add <mailto:DANA@acme.example|x> please")] == [DANA]
    assert [r.id for r in PEOPLE.find(session, f"{OMAR} and {DANA}")] == [OMAR, DANA]


def test_keys_come_from_the_connection_alone(address, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNNWRITER01")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYWRITERKEY1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    good = WORLD.writer(address, "")
    wrong = Credential(good.account, good.environment, good.scopes, address, "AKIAX:wrong")
    with pytest.raises(Rejected), opened(CONNECTOR, wrong):
        pass
    with opened(CONNECTOR, good) as session:
        assert ADD.read(session, JOIN).fields == {"is_member": False}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://amazonaws.com/eu-west-1",
        "http://amazonaws.com/eu-west-1/d-0123456789",
        "https://x:y@amazonaws.com/eu-west-1/d-0123456789",
        "https://amazonaws.com/eu-west-1/d-0123456789?a=b",
        "ftp://amazonaws.com/eu-west-1/d-0123456789",
    ],
)
def test_an_address_of_another_form_is_refused(address):
    with pytest.raises(Rejected, match="not that of an identity store"):
        place(address)
