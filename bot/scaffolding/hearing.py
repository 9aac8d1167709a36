"""Whether a new workflow's own examples are understood as they say, before they are written.

No system is asked: for the words of an example that name a record, one is made up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot import systems
from bot.planner.planner import Ask, Asked, Draft, Find, Planned, Refuse
from bot.planner.rules import RulesPlanner
from bot.scaffolding.slots import Filling
from connectors.money import money
from connectors.operation import Finder, Operation, Record, Value
from policies.bundle import Bundle
from policies.workflow import Example

_ARTICLES = frozenset({"a", "an", "the"})
MINOR = 1_000_000_00  # of every amount of a record that is made up: more than an example asks for


def unsound_examples(
    bundle: Bundle, name: str, operation: Operation[Any], filling: Filling
) -> frozenset[str]:
    """The sentences of a workflow's examples that would not be understood as they say."""
    workflows, find = tuple(bundle.workflows.values()), _find(bundle, filling)
    return frozenset(
        example.say
        for example in bundle.workflows[name].examples
        if not _holds(example, RulesPlanner().plan(Asked(example.say, workflows, find)), operation)
    )


def _holds(example: Example, planned: Planned, operation: Operation[Any]) -> bool:
    if example.refuses:
        return isinstance(planned, Refuse)
    if example.asks:
        return isinstance(planned, Ask) and planned.question.slot == example.asks
    if not isinstance(planned, Draft):
        return False
    if tuple(step.operation for step in planned.plan.steps) != example.plan:
        return False
    try:
        operation.params.model_validate(planned.plan.steps[0].params)
    except ValidationError:
        return False
    return True


def _find(bundle: Bundle, filling: Filling) -> Find:
    said: defaultdict[str, list[str]] = defaultdict(list)
    for slot in filling.slots:
        if slot.is_record and slot.said:
            said[str(slot.declared["finder"])].append(slot.said)
    finders = {f.name: f for connector in systems.reached(bundle) for f in connector.finders}

    def find(finder: str, words: str) -> tuple[Record, ...]:
        meant = [each for each in said[finder] if _words(each) <= _words(words)]
        return tuple(_record(finders[finder], each) for each in meant)

    return find


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[\w.@+-]+", text.casefold())) - _ARTICLES


def _record(finder: Finder, said: str) -> Record:
    identifier = said if said.isdigit() else "made-up"
    values: Mapping[str, Value] = {
        "string": identifier,
        "money": money(MINOR, "USD"),
        "int": 1,
        "bool": True,
    }
    fields = {name: values[kind] for name, kind in finder.field_types.items()}
    return Record(finder.name, identifier, said, fields)
