"""Issues that moved, are gone, hidden, changed by others, or found late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.errors import Conflict, Rejected
from connectors.jira.standin import seed
from connectors.operation import Irreversible, Result, Reversible

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("key", "says"),
    [("OPS-4", "moved: it is NET-1 now"), ("OPS-5", "does not have"), ("HR-1", "does not have")],
)
def test_a_moved_deleted_or_hidden_issue_is_not_written(jira, key, says):
    with pytest.raises(Rejected, match=says):
        jira.do("jira.comment", issue=key, text="Hello.")
    assert all(e.method == "GET" for e in jira.proxy.exchanges())


def test_an_issue_that_moves_between_reading_and_writing_is_not_written(jira):
    operation, params = jira.typed("jira.assign", issue="OPS-1", assignee=seed.MIA)
    with jira.session() as session:
        before = operation.read(session, params)
        jira.site.issues["10001"]["key"] = "NET-2"
        jira.site.moved["OPS-1"] = "10001"
        with pytest.raises(Rejected, match="NET-2"):
            operation.execute(session, params, before, "key")


def test_a_change_by_somebody_else_of_another_field_conflicts_too(jira):
    operation, params = jira.typed("jira.assign", issue="OPS-1", assignee=seed.MIA)
    with jira.session() as session:
        before = operation.read(session, params)
        jira.site.touch(jira.site.issues["10001"], seed.JO, [])
        with pytest.raises(Conflict, match="changed since it was read"):
            operation.execute(session, params, before, "key")


def test_what_somebody_changed_after_the_write_is_not_taken_back(jira):
    operation, params, before, result = jira.do("jira.assign", issue="OPS-1", assignee=seed.MIA)
    issue = jira.site.issues["10001"]
    issue["fields"]["assignee"] = jira.site.people[seed.JO]
    with jira.session() as session, pytest.raises(Rejected, match="assignee was changed again"):
        operation.compensate(session, params, before, result, "undo")


def test_facts_know_project_category_priority_and_people(jira):
    operation, params = jira.typed("jira.assign", issue="OPS-1", assignee=seed.MIA)
    with jira.session() as session:
        facts = operation.facts(params, operation.read(session, params))
    assert facts["issue.project"] == "OPS"
    assert facts["issue.status_category"] == "new"
    assert facts["issue.priority"] == "Medium"
    assert facts["issue.reporter_email"] == facts["candidate.email"] == "mia@acme.example"
    assert facts["issue.is_assigned"] is False
    assert facts["issue.updated_at"] == "2026-11-01T09:00:00Z"


def test_facts_know_what_an_issue_is_sorted_by_in_the_fields_that_the_site_added(jira):
    fields = jira.site.issues["10001"]["fields"]
    fields["components"] = [{"id": "3", "name": "Checkout"}, {"id": "4", "name": "Mail"}]
    fields["customfield_10011"] = {"id": "7", "value": "Blue"}
    fields["customfield_10015"] = "Security, as a text"
    fields["customfield_10021"] = [{"value": "One"}, {"value": "Two"}, "three", None]
    fields["customfield_10022"] = {"accountId": seed.MIA, "displayName": "Mia Krause"}
    for name, more in (
        ("jira.assign", {"assignee": seed.MIA}),
        ("jira.comment", {"text": "Hello."}),
        ("jira.transition", {"status": "In Progress"}),
        ("jira.set_field", {"field": "priority", "kind": "option", "value": "High"}),
    ):
        operation, params = jira.typed(name, issue="OPS-1", **more)
        with jira.session() as session:
            facts = operation.facts(params, operation.read(session, params))
        assert facts["issue.options"] == [
            "components=Checkout", "components=Mail", "customfield_10011=Blue",
            "customfield_10021=One", "customfield_10021=Two",
        ]  # fmt: skip


def test_a_transition_wants_its_resolution_and_sets_it(jira):
    jira.do("jira.transition", "one", issue="OPS-3", status="Working")
    operation, params = jira.typed("jira.transition", issue="OPS-3", status="Closed")
    with jira.session() as session:
        before = operation.read(session, params)
        with pytest.raises(Rejected, match="wants more: Resolution"):
            operation.preview(params, before)
        asked = params.model_copy(update={"resolution": "Fixed"})
        before = operation.read(session, asked)
        assert operation.preview(asked, before) == {"status": "Closed", "resolution": "Fixed"}
        result = operation.execute(session, asked, before, "two")
        after = operation.read(session, asked)
        assert after.fields == {"status": "Closed", "resolution": "Fixed"}
        assert isinstance(operation.undo(asked, after), Irreversible)  # the way back wants a cause
        with pytest.raises(Rejected, match="no way from Closed back to Working"):
            operation.compensate(session, asked, before, result, "undo")


def test_a_status_without_a_way_names_those_there_are(jira):
    with pytest.raises(Rejected, match=r"no transition to Closed.*It allows: Working"):
        jira.do("jira.transition", issue="OPS-3", status="Closed")


def test_the_way_back_is_known_before_where_it_leads_from_everywhere(jira):
    operation, params, before, _ = jira.do("jira.transition", issue="OPS-1", status="done")
    said = operation.undo(params, before)
    assert isinstance(said, Reversible)
    assert "To Do" in said.note
    with jira.session() as session:
        assert operation.read(session, params).about["came_from"] == "To Do"


def test_a_comment_that_somebody_edited_is_not_deleted(jira):
    operation, params, before, result = jira.do("jira.comment", issue="OPS-1", text="Hello.")
    jira.site.issues["10001"]["comments"][-1]["body"] = seed.issues()["10001"]["comments"][0][
        "body"
    ]
    with jira.session() as session, pytest.raises(Rejected, match="somebody changed it since"):
        operation.compensate(session, params, before, result, "undo")


def test_anothers_comment_is_never_deleted(jira):
    operation, params, before, _ = jira.do("jira.comment", issue="OPS-1", text="Same here.")
    with jira.session() as session, pytest.raises(Rejected, match="no such write"):
        operation.compensate(session, params, before, Result("20001", ""), "undo")
    assert len(jira.site.issues["10001"]["comments"]) == 2


def test_a_deletion_that_was_announced_and_not_made_can_be_made(jira):
    operation, params, before, result = jira.do("jira.comment", issue="OPS-1", text="Hello.")
    with jira.session() as session:
        jira.proxy.arm("unavailable", lambda method, _path: method == "DELETE")
        with pytest.raises(Exception, match="does not work"):
            operation.compensate(session, params, before, result, "undo")
        assert operation.lookup(session, params, "undo") is None
        taken_back = operation.compensate(session, params, before, result, "undo")
        assert operation.lookup(session, params, "undo").reference == taken_back.reference
    assert len(jira.site.issues["10001"]["comments"]) == 1


CREATE = {
    "project": "OPS", "type": "Task", "summary": 'A "quoted" \\ summary: AND OR *',
    "description": "One.\nTwo.", "withdraw_to": "Cancelled",
}  # fmt: skip


def test_a_creation_is_found_while_the_search_does_not_know_it(jira):
    jira.site.freeze_index()
    operation, params, before, result = jira.do("jira.create_issue", **CREATE)
    assert result.reference == "OPS-6"
    with jira.session() as session:
        found = operation.lookup(session, params, "key")
        assert found == replace(result, is_replay=True)
        assert operation.execute(session, params, before, "key") == found
        assert operation.read(session, params).fields["open_issues"] == 1
    assert jira.site.numbers["OPS"] == 6


def test_a_creation_is_found_pages_later_and_is_bounded(jira):
    operation, params, _, result = jira.do("jira.create_issue", **CREATE)
    for index in range(5):
        jira.do("jira.create_issue", f"k{index}", **{**CREATE, "summary": f"Other {index}"})
    jira.site.page_max = 2
    jira.site.numbers["OPS"] += 40
    jira.do("jira.create_issue", "far", **{**CREATE, "summary": "Far"})
    with jira.session() as session:
        assert operation.lookup(session, params, "key").reference == result.reference
    tokens = [e for e in jira.proxy.exchanges() if b"nextPageToken" in e.body]
    assert tokens


def test_the_same_issue_by_somebody_else_conflicts_with_a_creation(jira):
    operation, params = jira.typed("jira.create_issue", **CREATE)
    with jira.session() as session:
        before = operation.read(session, params)
        jira.do("jira.create_issue", "other", **{**CREATE, "description": "By hand."})
        with pytest.raises(Conflict):
            operation.execute(session, params, before, "key")


def test_an_issue_that_somebody_began_is_not_withdrawn(jira):
    operation, params, before, result = jira.do("jira.create_issue", **CREATE)
    jira.do("jira.transition", "begin", issue=result.reference, status="In Progress")
    with jira.session() as session, pytest.raises(Rejected, match="In Progress by now"):
        operation.compensate(session, params, before, result, "undo")


def test_issues_that_assent_did_not_create_are_not_withdrawn(jira):
    operation, params, before, _ = jira.do("jira.create_issue", **CREATE)
    with jira.session() as session, pytest.raises(Rejected, match="no such write"):
        operation.compensate(session, params, before, Result("OPS-1", ""), "undo")


@pytest.mark.parametrize(
    ("field", "kind", "value", "stored"),
    [
        ("customfield_10010", "number", "-0.10", -0.1),
        ("customfield_10010", "number", "123456789012345", 123456789012345),
        ("customfield_10011", "option", "Blue", {"value": "Blue"}),
        ("priority", "option", "High", {"name": "High"}),
        ("labels", "labels", "b a b", ["a", "b"]),
        ("customfield_10013", "date", "2026-12-31", "2026-12-31"),
        ("summary", "text", " New words ", "New words"),
    ],
)
def test_a_field_is_set_read_and_put_back(jira, field, kind, value, stored):
    old = seed.issues()["10001"]["fields"][field]
    operation, params, before, result = jira.do(
        "jira.set_field", issue="OPS-1", field=field, kind=kind, value=value
    )
    assert jira.site.issues["10001"]["fields"][field] == stored
    with jira.session() as session:
        predicted = operation.preview(params, before)
        assert operation.read(session, params).fields == predicted
        operation.compensate(session, params, before, result, "undo")
    assert jira.site.issues["10001"]["fields"][field] == old
