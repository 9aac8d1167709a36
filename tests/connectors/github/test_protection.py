"""Branch protection is replaced as a whole: nothing that was not asked for may get lost."""

from __future__ import annotations

import copy

import pytest

from connectors.errors import Rejected
from connectors.github import github_protect_branch
from connectors.github.protection import UNPROTECTED, body_of, fields_of

pytestmark = pytest.mark.slow

PROTECT = github_protect_branch.OPERATION
BRANCH = "/repos/acme/payments/branches/release%2F1"
SAID = {
    "required_status_checks": {
        "strict": True,
        "contexts": ["build", "lint"],
        "checks": [{"context": "lint", "app_id": None}, {"context": "build", "app_id": 15368}],
    },
    "enforce_admins": {"enabled": True},
    "required_pull_request_reviews": {
        "dismiss_stale_reviews": True,
        "require_code_owner_reviews": True,
        "require_last_push_approval": True,
        "required_approving_review_count": 2,
        "dismissal_restrictions": {"users": [{"login": "lee"}], "teams": [{"slug": "ops"}]},
        "bypass_pull_request_allowances": {"users": [], "teams": [], "apps": [{"slug": "bot"}]},
    },
    "restrictions": {"users": [], "teams": [{"slug": "release"}], "apps": [{"slug": "bot"}]},
    "required_linear_history": {"enabled": True},
    "allow_force_pushes": {"enabled": False},
    "allow_deletions": {"enabled": False},
    "required_conversation_resolution": {"enabled": True},
    "block_creations": {"enabled": True},
    "lock_branch": {"enabled": False},
    "allow_fork_syncing": {"enabled": True},
    "required_signatures": {"enabled": True},
}


@pytest.fixture
def branch(github):
    github.says(f"GET {BRANCH}", {"name": "release/1", "protected": True})
    github.says(f"GET {BRANCH}/protection", SAID)
    github.says(f"PUT {BRANCH}/protection", SAID)
    return github


def params(**changes):
    values = {
        "repository": "acme/payments",
        "branch": "release/1",
        "approvals": 2,
        "admins": "included",
        "force_pushes": "refused",
        "deletions": "refused",
    }
    return PROTECT.params(**{**values, **changes})


def protect(github, **changes):
    asked = params(**changes)
    with github.session() as session:
        before = PROTECT.read(session, asked)
        result = PROTECT.execute(session, asked, before, "key")
    return asked, before, result


def test_what_was_not_asked_for_is_sent_as_it_was(branch):
    protect(branch, approvals=3)
    (sent,) = branch.writes
    assert sent.body == {
        "required_status_checks": {
            "strict": True,
            "checks": [
                {"context": "build", "app_id": 15368},
                {"context": "lint", "app_id": -1},
            ],
        },
        "enforce_admins": True,
        "required_pull_request_reviews": {
            "required_approving_review_count": 3,
            "dismiss_stale_reviews": True,
            "require_code_owner_reviews": True,
            "require_last_push_approval": True,
            "dismissal_restrictions": {"users": ["lee"], "teams": ["ops"], "apps": []},
            "bypass_pull_request_allowances": {"users": [], "teams": [], "apps": ["bot"]},
        },
        "restrictions": {"users": [], "teams": ["release"], "apps": ["bot"]},
        "required_linear_history": True,
        "allow_force_pushes": False,
        "allow_deletions": False,
        "required_conversation_resolution": True,
        "block_creations": True,
        "lock_branch": False,
        "allow_fork_syncing": True,
    }


def test_only_what_changes_is_in_the_difference(branch):
    with branch.session() as session:
        before = PROTECT.read(session, params())
    assert dict(PROTECT.preview(params(approvals=3), before)) == {"approvals": 3}
    assert dict(PROTECT.preview(params(), before)) == {}


@pytest.mark.parametrize(
    ("changes", "is_weaker"),
    [
        ({"approvals": 3}, False),
        ({"approvals": 1}, True),
        ({"admins": "exempt"}, True),
        ({"force_pushes": "allowed"}, True),
        ({"deletions": "allowed", "approvals": 6}, True),
        ({}, False),
    ],
)
def test_policy_knows_what_protects_less(branch, changes, is_weaker):
    with branch.session() as session:
        before = PROTECT.read(session, params())
    facts = PROTECT.facts(params(**changes), before)
    assert facts["protection.is_weaker"] is is_weaker
    assert facts["branch.is_default"] is False


def test_protection_of_before_is_taken_back_whole(branch):
    asked, before, result = protect(branch, approvals=4)
    now = copy.deepcopy(SAID)
    now["required_pull_request_reviews"]["required_approving_review_count"] = 4
    branch.says(f"GET {BRANCH}/protection", now)
    with branch.session() as session:
        PROTECT.compensate(session, asked, before, result, "undo")
    assert branch.writes[-1].body == body_of(fields_of(SAID))


def test_branch_that_only_a_ruleset_protects_has_no_protection_of_its_own(branch):
    branch.says(f"GET {BRANCH}/protection", {"message": "Branch not protected"}, 404)
    with branch.session() as session:
        assert PROTECT.read(session, params()).fields == UNPROTECTED


def test_protection_that_is_hidden_is_not_taken_for_none(branch):
    branch.says(f"GET {BRANCH}/protection", {"message": "Not Found"}, 404)
    with branch.session() as session, pytest.raises(Rejected, match="hidden from the account"):
        PROTECT.read(session, params())


def test_settings_survive_the_way_there_and_back():
    assert fields_of(SAID)["checks"] == [
        {"name": "build", "app": 15368},
        {"name": "lint", "app": None},
    ]
    bare = fields_of({})
    assert bare == {
        **UNPROTECTED,
        "is_protected": True,
        "force_pushes": "refused",
        "deletions": "refused",
    }
    assert body_of(bare)["required_status_checks"] is None
    assert body_of(bare)["required_pull_request_reviews"] is None
    assert body_of(bare)["restrictions"] is None
