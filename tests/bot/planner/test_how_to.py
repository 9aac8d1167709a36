"""The workflow in docs/how-to/workflow.md is one, and its examples hold."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from desk_orders import find

from bot.planner.planner import Ask, Asked, Draft, Refuse
from bot.planner.rules import RulesPlanner
from policies.workflow import Workflow

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "workflow.md"


def test_the_documented_workflow_does_what_its_examples_say() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    workflow = Workflow.model_validate_json(json.dumps(yaml.safe_load(block)))
    assert len(workflow.examples) == 3
    for example in workflow.examples:
        planned = RulesPlanner().plan(Asked(example.say, (workflow,), find))
        if example.refuses:
            assert isinstance(planned, Refuse)
        elif example.asks:
            assert isinstance(planned, Ask)
            assert planned.question.slot == example.asks
        else:
            assert isinstance(planned, Draft)
            assert tuple(step.operation for step in planned.plan.steps) == example.plan


def test_every_kind_of_slot_is_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for kind in ("record", "money", "choice", "text"):
        assert f"| `{kind}` |" in page
