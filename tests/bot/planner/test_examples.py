"""Every example in the shipped workflows, against the real desk and the catalogue's parameters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import load_workflows

from bot.planner.planner import Ask, Asked, Draft, Find, Refuse
from bot.planner.rules import RulesPlanner
from connectors import registry
from connectors.desk.conformance import WORLD
from connectors.desk.embedded import credential
from connectors.operation import Record
from policies.workflow import Example, RecordSlot, Workflow

WORKFLOWS = load_workflows()
EXAMPLES = [(w, e) for w in WORKFLOWS for e in w.examples]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Find]:
    address = WORLD.fresh(tmp_path_factory.mktemp("desk"))
    with registry.connector("desk").open(credential(address, "desk-reader")) as session:

        def find(finder: str, words: str) -> tuple[Record, ...]:
            return registry.finder(finder)[1].find(session, words)

        yield find


@pytest.mark.parametrize(("workflow", "example"), EXAMPLES, ids=[e.say[:60] for _, e in EXAMPLES])
def test_example_holds(workflow: Workflow, example: Example, desk: Find) -> None:
    planned = RulesPlanner().plan(Asked(example.say, WORKFLOWS, desk))
    if example.refuses:
        assert isinstance(planned, Refuse), planned
    elif example.asks:
        assert isinstance(planned, Ask), planned
        assert (planned.workflow, planned.question.slot) == (workflow.workflow, example.asks)
    else:
        assert isinstance(planned, Draft), planned
        assert tuple(step.operation for step in planned.plan.steps) == example.plan
        for step in planned.plan.steps:
            registry.operation(step.operation)[1].params.model_validate(step.params)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=[w.workflow for w in WORKFLOWS])
def test_workflow_shows_a_plan_a_question_and_a_refusal(workflow: Workflow) -> None:
    assert any(e.plan for e in workflow.examples)
    assert any(e.asks for e in workflow.examples)
    assert any(e.refuses for e in workflow.examples)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=[w.workflow for w in WORKFLOWS])
def test_every_field_that_is_named_is_one_the_finder_declares(workflow: Workflow) -> None:
    templates = [
        value
        for steps in workflow.steps
        for step in steps.values()
        for value in (*step.with_.values(), step.when)
        if isinstance(value, str)
    ]
    for name, slot in workflow.slots.items():
        if isinstance(slot, RecordSlot):
            fields = registry.finder(slot.finder)[1].field_types
            named = {t[len(name) + 2 : -1] for t in templates if t.startswith(f"{{{name}.")}
            assert named <= set(fields)
