"""Finders: numbers with their repository, logins, titles; never a guess, never a query."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.github import github_find_issues, github_find_people

pytestmark = pytest.mark.slow

ISSUES = github_find_issues.FINDER
PEOPLE = github_find_people.FINDER


def issue(number, title="Ledger rounds twice", repository="acme/payments"):
    return {
        "number": number,
        "title": title,
        "state": "open",
        "labels": [],
        "user": {"login": "maya-ops"},
        "html_url": f"https://github.com/{repository}/issues/{number}",
        "repository_url": f"https://api.github.com/repos/{repository}",
    }


def find(github, finder, words, **changes):
    with github.session(**changes) as session:
        return [record.id for record in finder.find(session, words)]


@pytest.fixture
def seven(github):
    github.says("GET /repos/acme/payments/issues/7", issue(7))
    github.says("GET /search/issues", {"items": [issue(7), issue(8, "Ledger is slow")]})
    return github


@pytest.mark.parametrize(
    "words",
    [
        "acme/payments#7",
        "please close payments#7.",
        "close (acme/payments#7) and acme/payments#7",
        "http://127.0.0.1/acme/payments/issues/7",
    ],
)
def test_number_with_its_repository_is_that_issue(seven, words):
    assert find(seven, ISSUES, words) == ["acme/payments#7"]
    assert not any("/search/" in asked.path for asked in seven.asked)


@pytest.mark.parametrize(
    "words",
    [
        "#7",
        "close #7, ledger rounds twice",
        "acme/payments#8",
        "globex/payments#7",
        "https://evil.example/acme/payments/issues/7 ledger",
        "",
        "!?",
    ],
)
def test_number_without_repository_or_elsewhere_is_none(seven, words):
    assert find(seven, ISSUES, words) == []
    assert not any("/search/" in asked.path or "globex" in asked.path for asked in seven.asked)


def test_issue_that_was_deleted_is_none(seven):
    seven.says("GET /repos/acme/payments/issues/7", {"message": "This issue was deleted"}, 410)
    assert find(seven, ISSUES, "acme/payments#7") == []


def test_title_is_looked_for_in_the_organization_and_looked_at_again(seven):
    assert find(seven, ISSUES, "the ledger rounds") == ["acme/payments#7"]
    query = parse_qs(urlsplit(seven.asked[-1].path).query)["q"]
    assert query == ["is:issue org:acme in:title ledger rounds"]


def test_words_are_no_query(seven):
    find(seven, ISSUES, 'ledger repo:globex/secrets OR "author:lee" NOT -is:issue user:globex')
    (query,) = parse_qs(urlsplit(seven.asked[-1].path).query)["q"]
    assert query.split() == [
        "is:issue", "org:acme", "in:title", "ledger", "repo", "globex", "secrets", "author", "lee",
        "not", "user",
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["maya-ops", "add @maya-ops please", "http://127.0.0.1/Maya-Ops"])
def test_login_is_that_person(github, words):
    assert find(github, PEOPLE, words) == ["maya-ops"]


@pytest.mark.parametrize("words", ["A Name", "maya ops", "@nobody-here", "Sam"])
def test_display_names_and_likenesses_are_nobody(github, words):
    assert find(github, PEOPLE, words) == []
    assert not any("/search/" in asked.path for asked in github.asked)


def test_shown_address_is_that_person_and_compared_again(github):
    """What the search takes for a match is one only where the profile shows that very address."""
    github.says(
        "GET /search/users",
        {"items": [{"login": "maya-ops"}, {"login": "sam-stranger"}]},
    )
    github.says("GET /users/maya-ops", {"login": "maya-ops", "email": "Maya@acme.example"})
    github.says("GET /users/sam-stranger", {"login": "sam-stranger", "email": None})
    assert find(github, PEOPLE, "maya@acme.example") == ["maya-ops"]


def test_stranger_is_said_to_be_one(github):
    with github.session() as session:
        (found,) = PEOPLE.find(session, "@sam-stranger")
    assert found.fields["is_organization_member"] is False
    assert "not in acme" in found.label
