"""Teams and repositories: who is a stranger, who is invited, who is the last."""

from __future__ import annotations

import pytest

from connectors.errors import OutcomeUnknown, Rejected
from connectors.github import (
    conformance,
    github_add_team_member,
    github_remove_from_organization,
    github_remove_team_member,
    github_set_repository_role,
)
from connectors.github.connector import CONNECTOR
from connectors.opening import opened

pytestmark = pytest.mark.slow

ADD = github_add_team_member.OPERATION
REMOVE = github_remove_team_member.OPERATION
LEAVE = github_remove_from_organization.OPERATION
ROLE = github_set_repository_role.OPERATION
TEAM = "/orgs/acme/teams/platform"


@pytest.fixture
def team(github):
    said = {"slug": "platform", "name": "Platform", "privacy": "secret", "members_count": 4}
    github.says(f"GET {TEAM}", said)
    github.says(f"GET {TEAM}/members", [{"login": "maya-ops"}])
    return github


def params(operation, login, **values):
    return operation.params(organization="acme", team="platform", login=login, **values)


def read(github, operation, values):
    with github.session() as session:
        return operation.read(session, values)


def test_typing_error_invites_nobody(team):
    with pytest.raises(Rejected, match="knows nobody with the login maya-opps"):
        read(team, ADD, params(ADD, "maya-opps", role="member"))


def test_organization_is_no_person(team):
    team.says("GET /users/globex", {"login": "globex", "type": "Organization"})
    with pytest.raises(Rejected, match="not a person"):
        read(team, ADD, params(ADD, "globex", role="member"))


def test_stranger_is_shown_as_such_and_only_invited(team):
    values = params(ADD, "sam-stranger", role="member")
    before = read(team, ADD, values)
    facts = ADD.facts(values, before)
    assert facts["person.is_outside_collaborator"] is True
    assert facts["team.is_secret"] is True
    assert dict(ADD.preview(values, before)) == {"role": "member", "invitation": "pending"}


def test_owner_of_the_organization_is_a_maintainer_whatever_is_asked(team):
    values = params(ADD, "lee-owner", role="member")
    before = read(team, ADD, values)
    assert dict(ADD.preview(values, before)) == {"role": "maintainer"}


def test_invitation_accepted_since_is_still_taken_back(team):
    values = params(ADD, "sam-stranger", role="member")
    before = read(team, ADD, values)
    path = f"{TEAM}/memberships/sam-stranger"
    team.says(f"PUT {path}", {"role": "member", "state": "pending"})
    with team.session() as session:
        result = ADD.execute(session, values, before, "key")
        team.says(f"GET {path}", {"role": "member", "state": "active"})
        team.says(f"DELETE {path}", None, 204)
        ADD.compensate(session, values, before, result, "undo")
    assert [each.method for each in team.writes] == ["PUT", "DELETE"]


def test_role_changed_since_is_not_taken_back(team):
    values = params(ADD, "maya-ops", role="member")
    before = read(team, ADD, values)
    path = f"{TEAM}/memberships/maya-ops"
    team.says(f"PUT {path}", {"role": "member", "state": "active"})
    with team.session() as session:
        result = ADD.execute(session, values, before, "key")
        team.says(f"GET {path}", {"role": "maintainer", "state": "active"})
        with pytest.raises(Rejected, match="changed again since"):
            ADD.compensate(session, values, before, result, "undo")
    assert len(team.writes) == 1


def test_last_maintainer_is_said(team):
    path = f"GET {TEAM}/memberships/maya-ops"
    team.says(path, {"role": "maintainer", "state": "active"})
    values = params(REMOVE, "maya-ops")
    assert REMOVE.facts(values, read(team, REMOVE, values))["person.is_last_maintainer"] is True
    team.says(f"GET {TEAM}/members", [{"login": "maya-ops"}, {"login": "lee-owner"}])
    facts = REMOVE.facts(values, read(team, REMOVE, values))
    assert facts["person.is_last_maintainer"] is False
    assert facts["role.is_admin"] is True


@pytest.mark.parametrize(
    ("owners", "login", "why"),
    [
        (["lee-owner"], "lee-owner", "only owner"),
        (["lee-owner", "assent-bot"], "assent-bot", "lock itself out"),
    ],
)
def test_neither_the_last_owner_nor_the_own_account_leaves(github, owners, login, why):
    github.says("GET /orgs/acme/members", [{"login": each} for each in owners])
    github.says(f"GET /users/{login}", {"login": login, "type": "User"})
    github.says(f"GET /orgs/acme/memberships/{login}", {"role": "admin", "state": "active"})
    values = LEAVE.params(organization="acme", login=login)
    before = read(github, LEAVE, values)
    assert LEAVE.facts(values, before)["person.is_organization_owner"] is True
    with pytest.raises(Rejected, match=why):
        LEAVE.preview(values, before)


def test_adding_and_removing_are_each_others_way_back(emulated):
    person = {"organization": "acme", "team": conformance.TEAM, "login": "maya-ops"}
    add, remove = ADD.params(**person, role="member"), REMOVE.params(**person)
    with opened(CONNECTOR, conformance.writer(emulated, "")) as session:
        start = conformance.fingerprint(emulated)
        before = ADD.read(session, add)
        ADD.execute(session, add, before, "one")
        there = REMOVE.read(session, remove)
        REMOVE.execute(session, remove, there, "two")
        assert ADD.read(session, add).fields == before.fields
        assert conformance.fingerprint(emulated) == start


@pytest.mark.parametrize("kind", ["time_out_before_write", "time_out_after_write"])
def test_membership_whose_answer_was_lost_is_sent_once(emulated, kind):
    person = {"organization": "acme", "team": conformance.TEAM, "login": "maya-ops"}
    values = ADD.params(**person, role="member")
    with opened(CONNECTOR, conformance.writer(emulated, "")) as session:
        before = ADD.read(session, values)
        conformance.arm(emulated, ADD.name, kind, "execute")
        with pytest.raises(OutcomeUnknown):
            ADD.execute(session, values, before, "key")
        assert (ADD.lookup(session, values, "key") is None) is (kind == "time_out_before_write")
    proxy = conformance.PROXIES[emulated][0]
    assert [e.method for e in proxy.exchanges() if e.method != "GET"] == ["PUT"]


def set_role(session, login, role):
    values = ROLE.params(repository=conformance.REPOSITORY, login=login, role=role)
    before = ROLE.read(session, values)
    predicted = dict(ROLE.preview(values, before))
    result = ROLE.execute(session, values, before, role)
    after = ROLE.read(session, values)
    assert dict(after.fields) == {**before.fields, **predicted}
    assert after.version == result.version
    return values, before, result


def test_stranger_is_invited_changed_and_disinvited(emulated):
    with opened(CONNECTOR, conformance.writer(emulated, "")) as session:
        values, before, result = set_role(session, "sam-stranger", "write")
        assert ROLE.read(session, values).fields == {"role": "none", "invited_as": "write"}
        set_role(session, "sam-stranger", "triage")
        with pytest.raises(Rejected, match="changed again since"):
            ROLE.compensate(session, values, before, result, "undo")
        set_role(session, "sam-stranger", "write")
        ROLE.compensate(session, values, before, result, "undo")
        assert ROLE.read(session, values).fields == before.fields


def test_member_of_the_organization_has_the_role_at_once_and_loses_it(emulated):
    with opened(CONNECTOR, conformance.writer(emulated, "")) as session:
        values, _, _ = set_role(session, "maya-ops", "write")
        assert ROLE.read(session, values).about["is_member"] is True
        values, before, _ = set_role(session, "kim-contractor", "none")
        assert ROLE.read(session, values).fields["role"] == "none"
        assert ROLE.facts(values, before)["role.is_more"] is False


def test_archived_repository_takes_nobody(emulated):
    conformance.PROXIES[emulated][1].is_archived = True
    values = ROLE.params(repository=conformance.REPOSITORY, login="kim-contractor", role="admin")
    with opened(CONNECTOR, conformance.writer(emulated, "")) as session:
        before = ROLE.read(session, values)
        facts = ROLE.facts(values, before)
        assert facts["role.is_admin"] is True
        assert facts["role.is_more"] is True
        assert facts["repository.is_archived"] is True
        with pytest.raises(Rejected, match="archived"):
            ROLE.execute(session, values, before, "key")
