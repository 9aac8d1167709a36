"""What GitHub says of limits, names, rights and versions, and how little of it is followed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.errors import Conflict, OutcomeUnknown, Rejected, Unavailable
from connectors.github import (
    github_set_issue_state,
    github_set_repository_role,
)
from connectors.github import (
    session as sessions,
)
from connectors.github.session import checked_address
from connectors.wire import ANSWER_BYTES_MAX

pytestmark = pytest.mark.slow

STATE = github_set_issue_state.OPERATION
ROLE = github_set_repository_role.OPERATION
CLOSE = STATE.params(repository="acme/payments", issue=7, state="completed")
READ = ROLE.params(repository="acme/payments", login="maya-ops", role="write")
PATH = "/repos/acme/payments/issues/7"
ISSUE = {
    "number": 7,
    "title": "Ledger rounds twice",
    "state": "open",
    "labels": [],
    "user": {"login": "maya-ops"},
    "html_url": "https://github.com/acme/payments/issues/7",
}


@pytest.fixture
def issue(github):
    github.says(f"GET {PATH}", ISSUE)
    return github


def read(github, **changes):
    with github.session(**changes) as session:
        return STATE.read(session, CLOSE)


def close(github):
    before = read(github)
    with github.session() as session:
        return STATE.execute(session, CLOSE, before, "key")


def test_every_request_pins_the_version_and_says_who_asks(issue):
    issue.says(f"PATCH {PATH}", {**ISSUE, "state": "closed"})
    close(issue)
    assert {r.headers["X-GitHub-Api-Version"] for r in issue.asked} == {sessions.API_VERSION}
    assert {r.headers["User-Agent"] for r in issue.asked} == {sessions.USER_AGENT}
    assert {r.headers["Authorization"] for r in issue.asked} == {f"token {issue.token}"}
    assert [r.body for r in issue.writes] == [{"state": "closed", "state_reason": "completed"}]


def test_primary_limit_waits_until_its_reset_by_githubs_own_clock(issue):
    theirs = datetime.now(UTC) + timedelta(hours=5)
    headers = {
        "Date": format_datetime(theirs, usegmt=True),
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int(theirs.timestamp()) + 90),
    }
    issue.answers[f"GET {PATH}"] = (403, headers, {"message": "API rate limit exceeded for user."})
    with pytest.raises(Unavailable) as caught:
        read(issue)
    assert caught.value.retry_after_seconds == pytest.approx(90, abs=1)


@pytest.mark.parametrize("status", [403, 429])
def test_secondary_limit_waits_a_minute_where_nothing_is_said(issue, status):
    said = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}
    far = str(int(time.time()) + 3000)  # of the primary limit, which is not used up
    issue.says(f"GET {PATH}", said, status, x_ratelimit_remaining="4000", x_ratelimit_reset=far)
    with pytest.raises(Unavailable) as caught:
        read(issue)
    assert caught.value.retry_after_seconds == 60
    issue.says(f"GET {PATH}", said, status, retry_after="7")
    with pytest.raises(Unavailable) as caught:
        read(issue)
    assert caught.value.retry_after_seconds == 7


def test_limit_on_a_write_wrote_nothing_and_is_not_repeated(issue):
    issue.says(f"PATCH {PATH}", {"message": "Slow down"}, 403, retry_after="3")
    with pytest.raises(Unavailable) as caught:
        close(issue)
    assert caught.value.retry_after_seconds == 3
    assert len(issue.writes) == 1


def test_refusal_says_what_the_token_needs(issue):
    said = {"message": "Resource not accessible by personal access token"}
    issue.says(f"PATCH {PATH}", said, 403, x_accepted_github_permissions="issues=write")
    with pytest.raises(Rejected, match=r"issues:write.*it needs issues=write"):
        close(issue)
    issue.says(
        f"PATCH {PATH}", said, 403, x_github_sso="required; url=https://github.com/x?t=s3cr3t"
    )
    with pytest.raises(Rejected, match="single sign-on") as caught:
        close(issue)
    assert "s3cr3t" not in str(caught.value)


def test_permission_lost_between_read_and_write_writes_nothing(issue):
    before = read(issue)
    issue.says("GET /repos/acme/payments", {"message": "Not Found"}, 404)
    with issue.session() as session, pytest.raises(Rejected, match="hidden from the account"):
        STATE.execute(session, CLOSE, before, "key")
    assert issue.writes == []


def test_what_changed_between_read_and_write_conflicts(issue):
    before = read(issue)
    issue.says(f"GET {PATH}", {**ISSUE, "state": "closed", "state_reason": "not_planned"})
    with issue.session() as session, pytest.raises(Conflict, match="since it was read: state"):
        STATE.execute(session, CLOSE, before, "key")
    assert issue.writes == []


@pytest.mark.parametrize("status", [500, 502])
def test_broken_write_is_unknown_and_sent_once(issue, status):
    issue.says(f"PATCH {PATH}", b"<html>bad gateway</html>", status)
    with pytest.raises(OutcomeUnknown):
        close(issue)
    assert len(issue.writes) == 1


def test_renamed_repository_is_named_and_not_followed(issue):
    to = f"{issue.address}/repositories/99"
    issue.says("GET /repos/acme/payments", {"message": "Moved Permanently"}, 301, Location=to)
    moved = {"full_name": "acme/ledger", "default_branch": "main", "owner": {}, "private": False}
    issue.says("GET /repositories/99", moved)
    with pytest.raises(Rejected, match="acme/ledger"):
        read(issue)
    assert issue.writes == []


def test_write_does_not_follow_a_redirection(issue):
    issue.says(f"PATCH {PATH}", {}, 301, Location=f"{issue.address}/repositories/99/issues/7")
    issue.says("PATCH /repositories/99/issues/7", ISSUE)
    with pytest.raises(Rejected):
        close(issue)
    assert [r.path for r in issue.writes] == [PATH]


def test_token_is_never_sent_to_another_host(issue, monkeypatch):
    to = issue.address.replace("127.0.0.1", "localhost")
    issue.says(f"GET {PATH}", {}, 301, Location=f"{to}/repositories/1")
    issue.says("GET /repositories/1", {"full_name": "acme/another"})
    with pytest.raises(Rejected) as caught:
        read(issue)
    assert "another" not in str(caught.value)
    assert {r.headers["Host"].partition(":")[0] for r in issue.asked} == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("status", "message"), [(404, "Not Found"), (410, "This issue was deleted")]
)
def test_deleted_issue_is_refused(issue, status, message):
    issue.says(f"GET {PATH}", {"message": message}, status)
    with pytest.raises(Rejected, match="deleted, merged, moved"):
        read(issue)


def test_answers_that_cannot_be_read_are_unavailable(issue):
    for body in (b"<html>hello</html>", b"[" * 100_000, b'{"number": 7}', b"[1]"):
        issue.says(f"GET {PATH}", body)
        with pytest.raises(Unavailable):
            read(issue)


def test_endless_answer_is_cut_off(issue):
    issue.says(f"GET {PATH}", b'"' + b"x" * (ANSWER_BYTES_MAX + 10) + b'"')
    with pytest.raises(Unavailable, match="bytes"):
        read(issue)


def test_not_yet_computed_is_not_asked_again_without_end(issue):
    issue.says(f"GET {PATH}", {}, 202)
    with pytest.raises(Unavailable):
        read(issue)
    assert sum(r.path == PATH for r in issue.asked) == 1


def test_archived_repository_is_refused_before_and_while_writing(issue):
    issue.says(f"PATCH {PATH}", {"message": "Repository was archived so is read-only."}, 403)
    with pytest.raises(Rejected, match="archived"):
        close(issue)
    repo = issue.answers["GET /repos/acme/payments"][2]
    issue.says("GET /repos/acme/payments", {**repo, "archived": True})
    with pytest.raises(Rejected, match="unarchive"):
        STATE.preview(CLOSE, read(issue))


def test_reasons_of_a_refused_value_are_said(issue):
    errors = [{"resource": "Issue", "field": "state", "code": "invalid"}, "no\u202e more"]
    issue.says(f"PATCH {PATH}", {"message": "Validation Failed", "errors": errors}, 422)
    with pytest.raises(Rejected, match="Issue state invalid; no more"):
        close(issue)


def collaborators(github, count, pages):
    """`count` people over `pages` pages, with a link to another host that must not be followed."""

    def answer(asked):
        page = int(asked.path.partition("&page=")[2].partition("&")[0] or 1)
        start = (page - 1) * 100
        people = [
            {"login": f"p{i}", "role_name": "read"} for i in range(start, min(start + 100, count))
        ]
        if page == pages:
            people.append({"login": "Maya-Ops", "role_name": "triage"})
        link = '<https://elsewhere.example/next>; rel="next"' if page < pages else ""
        return 200, {"Link": link}, people

    github.does("GET /repos/acme/payments/collaborators", answer)


def test_list_is_read_to_its_last_page(github):
    collaborators(github, 250, 3)
    with github.session() as session:
        before = ROLE.read(session, READ)
    assert before.fields["role"] == "triage"
    assert sum("/collaborators" in r.path for r in github.asked) == 3


def test_list_without_end_is_refused(github):
    collaborators(github, 10**6, 10**4)
    with github.session() as session, pytest.raises(Rejected, match="more than 1000"):
        ROLE.read(session, READ)
    assert sum("/collaborators" in r.path for r in github.asked) == sessions.PAGES_MAX


@pytest.mark.parametrize(
    "address",
    ["https://api.github.com", "https://api.github.com/", "https://ghe.acme.example/api/v3"],
)
def test_addresses_of_an_api(address):
    assert checked_address(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "http://api.github.com",
        "https://github.com",
        "https://ghe.acme.example",
        "https://ghe.acme.example/api/v3?x=1",
        "https://user:pw@api.github.com",
        "ftp://api.github.com",
        "https://api.github.com/repos",
        "",
    ],
)
def test_other_addresses_open_nothing(address):
    with pytest.raises(Rejected, match="not that of a GitHub API"):
        checked_address(address)


def test_enterprise_server_is_asked_under_its_path(issue):
    for route in list(issue.answers):
        method, path = route.split()
        issue.answers[f"{method} /api/v3{path}"] = issue.answers.pop(route)
    session = sessions._requester(f"{issue.address}/api/v3", issue.token)
    status, _, _ = session.requestJson("GET", "/user")
    session.close()
    assert status == 200
    assert issue.asked[-1].path == "/api/v3/user"
