"""Until when a grant holds: what a person may write, and what policy and the card are told."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from bot.planner.until import shown
from connectors.aws_identity.aws_identity_add_to_group import OPERATION as AWS
from connectors.google_workspace.google_workspace_add_to_group import OPERATION as GOOGLE
from connectors.okta.okta_add_to_group import OPERATION as OKTA
from connectors.operation import Snapshot
from connectors.until import NEVER, fact, moment, said_day

ADDITIONS = [AWS, GOOGLE, OKTA]
HERE = {"person": "00u1", "group": "00g1"}
IN = Snapshot("It", "it", "1", {"is_member": True}, {})
OUT = Snapshot("It", "it", "1", {"is_member": False}, {})


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2026-11-30", datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)),
        ("2026-11-30T17:00Z", datetime(2026, 11, 30, 17, tzinfo=UTC)),
        ("2028-02-29T17:00:30Z", datetime(2028, 2, 29, 17, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_day_and_a_moment_are_read(until, expected):
    assert moment(until) == expected


@pytest.mark.parametrize(
    "bad",
    ["", "Friday", "2026-02-30", "2026-11-30T17:00", "2026-11-30T17:00+02:00", "2026-11-30T25:00Z",
     "30.11.2026", " 2026-11-30", "2026-11-30 ", "2026-11-30T17:00:00.5Z", 20261130],
)  # fmt: skip
@pytest.mark.parametrize("operation", ADDITIONS, ids=lambda each: each.name)
def test_anything_else_is_no_end(operation, bad):
    with pytest.raises(ValidationError):
        operation.params.model_validate({**HERE, "until": bad})


@pytest.mark.parametrize("operation", ADDITIONS, ids=lambda each: each.name)
def test_the_end_is_known_to_the_store_and_said_on_the_card(operation):
    until = operation.params.model_validate({**HERE, "until": "2026-11-30T17:00Z"})
    for_good = operation.params.model_validate(HERE)
    assert operation.ends_at(until) == datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert operation.ends_at(for_good) is None
    assert operation.undo(until, OUT).note.endswith("by itself on Mon 30 Nov 2026 at 17:00 UTC")
    assert operation.undo(for_good, OUT).note == "out of the group again"


@pytest.mark.parametrize("operation", ADDITIONS, ids=lambda each: each.name)
def test_who_is_in_it_already_is_never_said_to_come_out_of_it(operation):
    until = operation.params.model_validate({**HERE, "until": "2026-11-30"})
    for_good = operation.params.model_validate(HERE)
    told = operation.undo(until, IN).note
    assert "that Assent set before moves to Mon 30 Nov 2026 at 23:59 UTC" in told
    assert "a membership without one stays" in told
    assert operation.preview(until, IN) == operation.preview(for_good, IN) == {}
    for each in (told, operation.undo(for_good, IN).note):
        assert "out of the group" not in each
        assert "by itself" not in each


@pytest.mark.parametrize("day", [date(2026, 11, 30), date(2028, 2, 29), date(2027, 5, 1)])
def test_a_day_is_said_as_the_form_shows_it(day):
    assert said_day(day) == shown(day)


def test_policy_compares_the_end_with_now_and_never_with_nothing():
    assert fact("2026-11-30T17:00Z") == "2026-11-30T17:00:00Z"
    assert fact(None) == NEVER > "2026-11-30T17:00:00Z"
