"""Issues: one of a title, found by its mark; labels that exist; states without loss."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import ValidationError

from connectors.errors import Conflict, Rejected
from connectors.github import (
    conformance,
    github_create_issue,
    github_set_issue_state,
    github_set_labels,
)
from connectors.github.connector import CONNECTOR
from connectors.github.marks import bare, mark, marks
from connectors.opening import opened
from connectors.operation import Result

pytestmark = pytest.mark.slow

CREATE = github_create_issue.OPERATION
LABELS = github_set_labels.OPERATION
STATE = github_set_issue_state.OPERATION
TEXT = {"repository": conformance.REPOSITORY, "title": "Export is empty", "body": "Ask @maya-ops."}
ISSUES = f"/repos/{conformance.REPOSITORY}/issues"


@pytest.fixture
def session(emulated):
    with opened(CONNECTOR, conformance.writer(emulated, "")) as held:
        yield held


def elsewhere(address, method, path, body, login="sam-stranger"):
    """What somebody else does at GitHub."""
    return conformance.standin().call(conformance.PROXIES[address][1], method, path, body, login)[2]


def created(session, **changes):
    params = CREATE.params(**{**TEXT, **changes})
    before = CREATE.read(session, params)
    return params, before, CREATE.execute(session, params, before, "key")


def test_issue_says_what_was_approved_and_its_mark_is_not_seen(session, emulated):
    params, before, result = created(session, labels=["bug"])
    raw = elsewhere(emulated, "GET", f"{ISSUES}/3", None)
    assert result.reference == "acme/payments#3"
    assert [each["name"] for each in raw["labels"]] == ["bug"]
    assert raw["body"].startswith(params.body)
    assert marks(raw["body"]) == (mark("write", "key", params),)
    assert bare(raw["body"]) == params.body
    facts = CREATE.facts(params, before)
    assert facts["issue.mentions"] == ["maya-ops"]
    assert facts["repository.is_private"] is False


def test_copied_mark_is_not_believed(session, emulated):
    params, before, result = created(session)
    body = elsewhere(emulated, "GET", f"{ISSUES}/3", None)["body"]
    elsewhere(emulated, "POST", ISSUES, {"title": "mine", "body": body})
    assert CREATE.lookup(session, params, "key").reference == result.reference
    forged = Result("acme/payments#4", result.version)
    with pytest.raises(Rejected, match="no issue that was opened by this write"):
        CREATE.compensate(session, params, before, forged, "undo")


def test_text_cannot_bring_a_mark_of_its_own():
    left = mark("write", "key", CREATE.params(**TEXT)).text
    with pytest.raises(ValidationError, match="mark of Assent"):
        CREATE.params(**{**TEXT, "body": f"hello {left}"})


def test_issue_opened_by_somebody_else_meanwhile_conflicts(session, emulated):
    params = CREATE.params(**TEXT)
    before = CREATE.read(session, params)
    elsewhere(emulated, "POST", ISSUES, {"title": TEXT["title"]})
    with pytest.raises(Conflict):
        CREATE.execute(session, params, before, "key")
    with pytest.raises(Rejected, match="#3"):
        CREATE.preview(params, CREATE.read(session, params))


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        ({"title": "quite another"}, "changed what it says"),
        ({"body": "quite another"}, "no issue that was opened by this write"),
        ({"state": "closed"}, "closed already"),
    ],
)
def test_issue_that_others_worked_on_is_not_taken_back(session, emulated, patch, why):
    params, before, result = created(session)
    elsewhere(emulated, "PATCH", f"{ISSUES}/3", patch)
    with pytest.raises(Rejected, match=why):
        CREATE.compensate(session, params, before, result, "undo")


def test_taken_back_issue_is_closed_and_may_be_opened_anew(session, emulated):
    params, before, result = created(session)
    CREATE.compensate(session, params, before, result, "undo")
    raw = elsewhere(emulated, "GET", f"{ISSUES}/3", None)
    assert (raw["state"], raw["state_reason"]) == ("closed", "not_planned")
    again = CREATE.execute(session, params, CREATE.read(session, params), "another key")
    assert again.reference == "acme/payments#4"


@pytest.mark.parametrize("is_one_key", [True, False])
def test_several_at_once_open_one_issue(session, emulated, is_one_key):
    """Within one process: GitHub wants one write at a time, and each reads again in its turn."""
    params = CREATE.params(**TEXT)
    before = CREATE.read(session, params)

    def attempt(number):
        with opened(CONNECTOR, conformance.writer(emulated, "")) as own:
            try:
                key = "key" if is_one_key else f"key {number}"
                return CREATE.execute(own, params, before, key).is_replay
            except Conflict:
                return "conflict"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(attempt, range(4)))
    assert sorted(map(str, answers)) == sorted(
        ["False", *["True" if is_one_key else "conflict"] * 3]
    )
    assert CREATE.read(session, params).fields["open_issues"] == 1


def test_labels_are_added_and_removed_in_one_call(session, emulated):
    params = LABELS.params(repository=conformance.REPOSITORY, issue=1, labels=["Urgent"])
    before = LABELS.read(session, params)
    facts = LABELS.facts(params, before)
    assert (facts["labels.added"], facts["labels.removed"]) == (["urgent"], ["bug"])
    LABELS.execute(session, params, before, "key")
    proxy = conformance.PROXIES[emulated][0]
    assert [e.method for e in proxy.exchanges() if e.method != "GET"] == ["PUT"]


def test_labels_are_written_as_the_repository_writes_them(github):
    said = {"number": 1, "title": "t", "state": "open", "labels": [], "user": None}
    github.says("GET /repos/acme/payments/issues/1", said)
    github.says("GET /repos/acme/payments/labels/a%2Fb", {"name": "A/B"})
    params = LABELS.params(repository="acme/payments", issue=1, labels=["a/b"])
    with github.session() as session:
        before = LABELS.read(session, params)
    assert dict(LABELS.preview(params, before)) == {"labels": ["A/B"]}
    assert before.about["author"] == "ghost"


def test_merged_pull_request_stays(github):
    pull = {"merged_at": "2026-11-01T00:00:00Z"}
    said = {"number": 1, "title": "t", "state": "closed", "labels": [], "pull_request": pull}
    github.says("GET /repos/acme/payments/issues/1", said)
    params = STATE.params(repository="acme/payments", issue=1, state="open")
    with github.session() as session:
        before = STATE.read(session, params)
    assert STATE.facts(params, before)["issue.is_pull_request"] is True
    with pytest.raises(Rejected, match="merged"):
        STATE.preview(params, before)


def test_pull_request_is_closed_without_a_reason(github):
    path = "/repos/acme/payments/issues/1"
    said = {"number": 1, "title": "t", "state": "open", "labels": [], "pull_request": {}}
    github.says(f"GET {path}", said)
    github.says(f"PATCH {path}", {**said, "state": "closed"})
    params = STATE.params(repository="acme/payments", issue=1, state="not_planned")
    with github.session() as session:
        STATE.execute(session, params, STATE.read(session, params), "key")
    assert github.writes[0].body == {"state": "closed"}
