"""What Okta does besides the happy path: pages, rate limits with a moment, people renamed, gone or
in a state where nothing may be done, permission lost in the middle, the last administrator."""

from __future__ import annotations

import logging
import time

import pytest

from connectors.conformance.proxy import is_write
from connectors.errors import Conflict, Rejected, Unavailable
from connectors.okta.accounts import PersonParams
from connectors.okta.conformance import (
    ADMINS,
    DANA,
    EVERYONE,
    IVY,
    OMAR,
    READERS,
    ROOT,
    WORLD,
    WRITER_TOKEN,
    org,
    proxy,
)
from connectors.okta.connector import CONNECTOR
from connectors.okta.memberships import GrantParams, MembershipParams
from connectors.okta.okta_add_to_group import OPERATION as ADD
from connectors.okta.okta_find_groups import FINDER as GROUPS
from connectors.okta.okta_find_people import FINDER as PEOPLE
from connectors.okta.okta_remove_from_group import OPERATION as REMOVE
from connectors.okta.okta_reset_sessions import OPERATION as RESET
from connectors.okta.okta_restore import OPERATION as RESTORE
from connectors.okta.okta_suspend import OPERATION as SUSPEND
from connectors.okta.session import open_session
from connectors.okta.standin import group, user
from connectors.opening import opened
from connectors.wire import Call

pytestmark = pytest.mark.slow
JOIN = GrantParams(person=DANA, group=READERS)
WHO = PersonParams(person=DANA)


@pytest.fixture
def address(tmp_path):
    return WORLD.fresh(tmp_path)


@pytest.fixture
def session(address):
    with opened(CONNECTOR, WORLD.writer(address, "")) as its_session:
        yield its_session


def test_memberships_and_sizes_are_read_over_pages(address, session):
    held = org(address)
    held.page_items_max = 2
    for number in range(7):
        extra = f"00g{f'more{number}':0>17}"
        held.groups = {extra: group(extra, f"More {number}"), **held.groups}
        held.members[extra] = [DANA]
        held.members[READERS].append(ROOT)
    held.members[READERS].append(DANA)
    before = ADD.read(session, JOIN)
    assert before.fields == {"is_member": True}
    assert ADD.facts(JOIN, before)["group.members"] == 9
    assert ADD.facts(JOIN, before)["group.apps"] == ["Billing"]


def test_the_token_follows_no_link_to_another_host(address, session):
    org(address).page_items_max = 1
    ADD.read(session, JOIN.model_copy(update={"group": EVERYONE}))
    paths = [each.path for each in proxy(address).exchanges()]
    assert any("after=" in each for each in paths)
    assert not any("acme.okta.com" in each for each in paths)


def test_a_rate_limit_is_waited_for_until_the_moment_that_okta_says(session):
    from connectors import wire

    headers = {"X-Rate-Limit-Reset": str(int(time.time()) + 40)}
    said = wire.answered(session.peer, Call("it", is_write=False), 429, headers)
    assert isinstance(said, Unavailable)
    assert said.retry_after_seconds == pytest.approx(40, abs=2)


def test_permission_lost_between_read_and_write_names_what_lacks(address, session):
    before = SUSPEND.read(session, WHO)
    org(address).tokens = {WRITER_TOKEN: ("assent@acme.example", False)}
    with pytest.raises(Rejected, match=r"does not permit .* people:write"):
        SUSPEND.execute(session, WHO, before, "key")
    assert org(address).users[DANA]["status"] == "ACTIVE"


def test_a_person_deleted_since_the_read_is_rejected_and_one_renamed_is_a_conflict(
    address, session
):
    before = ADD.read(session, JOIN)
    kept = org(address).users[DANA]
    org(address).users[DANA] = user(DANA, "other@acme.example", "Other")
    with pytest.raises(Conflict):
        ADD.execute(session, JOIN, before, "key")
    del org(address).users[DANA]
    with pytest.raises(Rejected, match="may be deleted"):
        ADD.execute(session, JOIN, before, "key")
    org(address).users[DANA] = kept
    assert DANA not in org(address).members[READERS]


@pytest.mark.parametrize("status", ["DEPROVISIONED", "STAGED", "LOCKED_OUT", "PASSWORD_EXPIRED"])
def test_only_who_is_active_is_suspended_and_the_status_is_named(address, session, status):
    org(address).users[DANA]["status"] = status
    before = SUSPEND.read(session, WHO)
    with pytest.raises(Rejected, match=status):
        SUSPEND.preview(WHO, before)
    with pytest.raises(Rejected, match=status):
        RESTORE.preview(WHO, before)


def test_a_deactivated_person_joins_no_group(address, session):
    org(address).users[DANA]["status"] = "DEPROVISIONED"
    with pytest.raises(Rejected, match="deactivated"):
        ADD.preview(JOIN, ADD.read(session, JOIN))


def test_the_account_that_asks_does_not_suspend_itself(address, session):
    itself = PersonParams(person=f"00u{'assent':0>17}")
    before = SUSPEND.read(session, itself)
    assert SUSPEND.facts(itself, before)["person.is_self"]
    with pytest.raises(Rejected, match="lock itself out"):
        SUSPEND.preview(itself, before)


def test_the_last_super_administrator_is_not_suspended_and_one_of_two_is(address, session):
    root = PersonParams(person=ROOT)
    with pytest.raises(Rejected, match="last super administrator"):
        SUSPEND.preview(root, SUSPEND.read(session, root))
    org(address).roles[IVY] = ["SUPER_ADMIN"]  # suspended: does not count
    with pytest.raises(Rejected, match="last super administrator"):
        SUSPEND.preview(root, SUSPEND.read(session, root))
    org(address).roles[DANA] = ["SUPER_ADMIN"]
    assert SUSPEND.preview(root, SUSPEND.read(session, root)) == {"status": "SUSPENDED"}


def test_a_group_of_administrators_is_told_and_keeps_its_last_member(session):
    leave = MembershipParams(person=OMAR, group=ADMINS)
    before = REMOVE.read(session, leave)
    facts = REMOVE.facts(leave, before)
    assert (facts["group.is_admin"], facts["person.is_admin"]) == (True, True)
    with pytest.raises(Rejected, match="last member"):
        REMOVE.preview(leave, before)


def test_sessions_may_be_open_again_after_the_next_sign_in(address, session):
    RESET.execute(session, WHO, RESET.read(session, WHO), "key")
    assert RESET.read(session, WHO).fields == {"sessions": "ended"}
    org(address).events.append(("user.session.start", DANA))
    before = RESET.read(session, WHO)
    assert before.fields == {"sessions": "may be open"}
    assert not RESET.execute(session, WHO, before, "other").is_replay


def test_people_are_found_by_what_is_exact_alone_and_all_of_one_e_mail(address, session):
    twin = f"00u{'twin':0>17}"
    org(address).users[twin] = user(twin, "dana.second@acme.example", "Dana Cole")
    org(address).users[twin]["profile"]["email"] = "dana@acme.example"
    found = PEOPLE.find(session, "remove Dana@ACME.example from it")
    assert {each.id for each in found} == {DANA, twin}
    for likeness in ("Dana Col", "Cole", "Dana Cole Cole", "Dana%", "dana cole@acme.example"):
        assert PEOPLE.find(session, likeness) == (), likeness
    assert [each.id for each in PEOPLE.find(session, IVY)] == [IVY]


def test_people_are_found_by_their_whole_name_and_a_first_name_is_a_part_of_it(address, session):
    twin = f"00u{'twin':0>17}"
    org(address).users[twin] = user(twin, "dana.second@acme.example", "Dana Ruiz")
    for held in org(address).users.values():
        held["profile"]["firstName"] = held["profile"]["displayName"].partition(" ")[0]
    assert [each.is_partly_named for each in PEOPLE.find(session, "dana COLE")] == [False]
    found = PEOPLE.find(session, "Dana")
    assert {each.id for each in found} == {DANA, twin}
    assert [each.is_partly_named for each in PEOPLE.find(session, "Omar")] == [True]
    org(address).users[OMAR]["profile"]["displayName"] = "Omar"
    assert [each.is_partly_named for each in PEOPLE.find(session, "Omar")] == [False]


def test_quotes_in_a_name_stay_inside_the_question(address, session):
    odd = f"00g{'odd':0>17}"
    org(address).groups[odd] = group(odd, 'A "quoted" \\ name')
    assert [each.id for each in GROUPS.find(session, 'A "quoted" \\ name')] == [odd]
    assert GROUPS.find(session, 'x" or profile.name eq "Administrators') == ()


def test_a_login_in_place_of_an_id_is_no_id(address, session):
    org(address).users["dana"] = org(address).users[DANA]  # as Okta resolves the short login
    with pytest.raises(Rejected, match="no person with the id dana"):
        SUSPEND.read(session, PersonParams(person="dana"))


@pytest.mark.parametrize(
    ("domain", "environment"),
    [
        ("acme.okta.com", "production"),
        ("acme.okta-emea.com", "production"),
        ("acme.oktapreview.com", "sandbox"),
        ("dev-123456.okta.com", "sandbox"),
        ("oktapreview.com.evil.example", None),
    ],
)
def test_the_organisations_own_domain_says_the_environment(address, domain, environment):
    org(address).domain = domain
    with open_session(WORLD.writer(address, "")) as session:
        assert CONNECTOR.identify(session).environment == environment


def test_the_token_is_in_no_log(address, caplog):
    caplog.set_level(logging.DEBUG)
    with open_session(WORLD.writer(address, "")) as session:
        ADD.execute(session, JOIN, ADD.read(session, JOIN), "key")
        with pytest.raises(Rejected):
            ADD.read(session, MembershipParams(person="nobody", group=READERS))
        proxy(address).arm("time_out_before_write", is_write)
        assert WRITER_TOKEN not in repr(session)
    assert WRITER_TOKEN not in caplog.text


@pytest.mark.parametrize(
    "bad", ["http://acme.okta.com", "https://acme.okta.com/x", "https://u:p@acme.okta.com", "acme"]
)
def test_an_address_of_another_form_is_refused(address, bad):
    from dataclasses import replace

    credential = replace(WORLD.writer(address, ""), address=bad)
    with pytest.raises(Rejected, match="not that of an Okta"), open_session(credential):
        pass
