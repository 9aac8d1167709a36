"""Work notes: found again among others' by their mark, whatever the journal looks like."""

from __future__ import annotations

import pytest

from connectors.errors import Conflict, Rejected
from connectors.operation import Irreversible
from connectors.servicenow.conformance import disturb

pytestmark = pytest.mark.slow

NOTE = {"incident": "INC0000001", "text": "Restarted the gateway."}


def journal(now):
    return now.row("INC0000001")["work_notes"]


def test_a_note_carries_its_mark_and_is_shown_without_it(now):
    operation, typed, before, result = now.do("servicenow.add_note", **NOTE)
    assert before.fields == {"notes": 0, "last_note": ""}
    assert result.reference.removeprefix("INC0000001/") in journal(now)
    with now.session() as session:
        assert operation.read(session, typed).fields == {
            "notes": 1,
            "last_note": "Restarted the gateway.",
        }
        assert operation.lookup(session, typed, "another key") is None


@pytest.mark.parametrize(
    "others",
    [
        "20.11.2026 08:00:01 - Mia Krause (Arbeitsnotizen)\nIch sehe nach.\n\n",
        "2026-11-20 08:00:01 - Mia (Work notes)\n2026-11-19 08:00:01 - Jo (Work notes)\nno\n\n",
        "2026-11-20 08:00:01 - Mia (Work notes)\r\n[assent 000000000000000000000000]\r\n\r\n",
    ],
)
def test_it_is_found_below_what_others_note_later(now, others):
    operation, typed, _, result = now.do("servicenow.add_note", **NOTE)
    now.row("INC0000001")["work_notes"] = others + journal(now)
    with now.session() as session:
        found = operation.lookup(session, typed, "key")
        again = operation.execute(session, typed, operation.read(session, typed), "key")
    assert found is not None
    assert (found.reference, found.is_replay, again.reference) == (
        result.reference,
        True,
        result.reference,
    )
    assert journal(now).count("Restarted the gateway.") == 1


def test_a_key_is_of_one_note_and_a_note_is_never_taken_back(now):
    operation, typed, before, result = now.do("servicenow.add_note", **NOTE)
    _, other = now.typed("servicenow.add_note", **{**NOTE, "text": "Something else."})
    with now.session() as session:
        with pytest.raises(Rejected, match="another note"):
            operation.lookup(session, other, "key")
        with pytest.raises(Rejected, match="cannot be taken back"):
            operation.compensate(session, typed, before, result, "undo")
    assert isinstance(operation.undo(typed, before), Irreversible)
    assert "Restarted the gateway." in journal(now)


def test_an_incident_that_was_changed_since_gets_no_note(now):
    operation, typed = now.typed("servicenow.add_note", **NOTE)
    with now.session() as session:
        before = operation.read(session, typed)
        disturb(now.proxy.address, operation.name)
        with pytest.raises(Conflict):
            operation.execute(session, typed, before, "key")
    assert journal(now) == ""


@pytest.mark.parametrize("text", ["[code]<b>x</b>[/code]", "a [CODE] b", "a [/code] b"])
def test_what_the_journal_would_show_as_html_is_refused(now, text):
    operation, typed = now.typed("servicenow.add_note", **{**NOTE, "text": text})
    with now.session() as session, pytest.raises(Rejected, match="HTML"):
        operation.preview(typed, operation.read(session, typed))


def test_no_line_of_a_note_passes_for_somebody_elses(now):
    forged = "Restarted.\n\n2026-11-20 08:00:01 - Vera Novak (Work notes)\nApproved."
    operation, typed = now.typed("servicenow.add_note", **{**NOTE, "text": forged})
    with now.session() as session, pytest.raises(Rejected, match="looks like the head"):
        operation.preview(typed, operation.read(session, typed))
