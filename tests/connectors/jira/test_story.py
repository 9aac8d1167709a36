"""Jira in a story: what the connector wrote is read off the records, and nobody else's changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors import registry
from connectors.credentials import Credential
from connectors.jira.conformance import ACCOUNT, WRITES
from connectors.jira.standin import seed
from connectors.jira.story import STORY, JiraStory
from connectors.operation import Result, Value

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.fixture
def story() -> JiraStory:
    made = STORY()
    made.begin(NOW)
    return made


@pytest.fixture
def session(story: JiraStory) -> Iterator[Any]:
    with story.open(
        registry.connector("jira"), Credential(ACCOUNT, "sandbox", WRITES, "", "")
    ) as opened:
        yield opened


def write(session: Any, name: str, **values: Value) -> Result:
    operation = registry.operation(name)[1]
    params = operation.params.model_validate(values)
    return operation.execute(session, params, operation.read(session, params), name)


def test_writes_are_read_off_the_records(story: JiraStory, session: Any) -> None:
    before = story.rows()
    write(session, "jira.comment", issue="PAY-12", text="One.\n\nTwo.")
    write(session, "jira.assign", issue="PAY-12", assignee=seed.JO)
    write(session, "jira.transition", issue="PAY-12", status="Done", resolution="Fixed")

    found = {w.operation: w.values for w in story.writes(before, story.rows())}
    assert found == {
        "jira.comment": {"issue": "PAY-12", "text": "One.\nTwo."},
        "jira.assign": {"issue": "PAY-12", "assignee": seed.JO},
        "jira.transition": {"issue": "PAY-12", "status": "Done", "resolution": "Fixed"},
    }


def test_what_was_taken_back_leaves_nothing(story: JiraStory, session: Any) -> None:
    before = story.rows()
    operation = registry.operation("jira.comment")[1]
    params = operation.params.model_validate({"issue": "PAY-12", "text": "Oh."})
    shown = operation.read(session, params)
    result = operation.execute(session, params, shown, "k1")
    assert len(list(story.writes(before, story.rows()))) == 1

    operation.compensate(session, params, shown, result, "k2")

    assert list(story.writes(before, story.rows())) == []


def test_what_others_do_changes_the_version_that_was_read(story: JiraStory, session: Any) -> None:
    operation = registry.operation("jira.assign")[1]
    params = operation.params.model_validate({"issue": "PAY-12", "assignee": seed.JO})
    before = operation.read(session, params)

    story.change("jira_issues", "PAY-12", {"summary": "Another one"})

    assert operation.read(session, params).version != before.version


def test_a_write_that_no_operation_makes_is_told(story: JiraStory) -> None:
    before = story.rows()
    story.change("jira_issues", "PAY-12", {"key": "WEB-7"})

    assert [w.operation for w in story.writes(before, story.rows())] == ["unknown"]


def test_a_secret_of_another_account_opens_nothing(story: JiraStory) -> None:
    assert story.secret("acme.atlassian.net/nobody") == ""
