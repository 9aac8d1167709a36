"""Until when a grant holds: what a person may write, and what policy and the card are told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from connectors.aws_identity.aws_identity_add_to_group import OPERATION as AWS
from connectors.google_workspace.google_workspace_add_to_group import OPERATION as GOOGLE
from connectors.okta.okta_add_to_group import OPERATION as OKTA
from connectors.operation import Snapshot
from connectors.until import NEVER, fact, moment

ADDITIONS = [AWS, GOOGLE, OKTA]
HERE = {"person": "00u1", "group": "00g1"}
NOW = Snapshot("It", "it", "1", {"is_member": True}, {})


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
    assert "by itself at 2026-11-30 17:00 UTC" in operation.undo(until, NOW).note
    assert "by itself" not in operation.undo(for_good, NOW).note


def test_policy_compares_the_end_with_now_and_never_with_nothing():
    assert fact("2026-11-30T17:00Z") == "2026-11-30T17:00:00Z"
    assert fact(None) == NEVER > "2026-11-30T17:00:00Z"
