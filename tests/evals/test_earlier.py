"""What was done before a case's own request is none of its doing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.planner.rules import RulesPlanner
from bot.settings import BUNDLE_SHIPPED
from evals.cases import suite
from evals.graders.registry import grade
from evals.stories.observed import observe
from evals.stories.story import Story
from evals.worlds.world import world
from tests.evals.writing import write

pytestmark = pytest.mark.slow

AGAIN = """\
- case: again-after-it-was-applied
  why: A second one is shown and waits.
  slices: [refunds]
  request: refund $40 on order 1043, arrived damaged
  world:
    earlier: [{request: "refund $40 on order 1043, arrived damaged", approved_by: [lee]}]
    records: [{table: tickets, id: T-890, set: {status: solved}}]
  expect:
    outcome: waiting
    writes: []
    never: [{any: {}}]
"""


def test_what_was_done_before_the_request_does_not_count(tmp_path: Path) -> None:
    loaded = suite.load(write(tmp_path, AGAIN))
    with world(loaded.file, BUNDLE_SHIPPED, RulesPlanner()) as made:
        made.begin()
        trace = observe(Story(made, loaded.file, loaded.cases[0]), 0)
    assert trace.writes == ()
    assert trace.changes == ()
    assert grade(loaded.cases[0], trace).passed
