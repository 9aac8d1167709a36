"""ServiceNow in a story: what the connector wrote is read off the records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors import registry
from connectors.credentials import Credential
from connectors.operation import Value
from connectors.servicenow.conformance import WRITES
from connectors.servicenow.story import STORY

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def write(session: Any, name: str, **values: Value) -> None:
    operation = registry.operation(name)[1]
    params = operation.params.model_validate(values)
    operation.execute(session, params, operation.read(session, params), "k")


def test_writes_are_read_off_the_records() -> None:
    story = STORY()
    story.begin(NOW)
    connector = registry.connector("servicenow")
    before = story.rows()
    with story.open(connector, Credential("acme/assent-bot", "sandbox", WRITES, "", "")) as session:
        assert connector.identify(session).account == "acme/assent-bot"
        resolution = {"close_code": "Solution provided", "close_notes": "New disk."}
        write(session, "servicenow.resolve_incident", incident="INC0010027", **resolution)
        field = {"field": "assignment_group", "value": "Identity"}
        write(session, "servicenow.update_incident", incident="INC0010023", **field)
        write(session, "servicenow.add_note", incident="INC0010023", text="One.\nTwo.")

    found = {w.operation: w.values for w in story.writes(before, story.rows())}
    assert found == {
        "servicenow.resolve_incident": {"incident": "INC0010027", **resolution},
        "servicenow.update_incident": {"incident": "INC0010023", **field},
        "servicenow.add_note": {"incident": "INC0010023", "text": "One.\nTwo."},
    }


def test_what_others_do_is_no_write_of_ours() -> None:
    story = STORY()
    story.begin(NOW)
    before = story.rows()
    note = {"incident": "INC0010023", "author": "Jo Park", "text": "Mine."}
    story.change("servicenow_notes", "INC0010023/1", note)
    before["servicenow_notes"]["INC0010023/1"] = note

    assert list(story.writes(before, story.rows())) == []
