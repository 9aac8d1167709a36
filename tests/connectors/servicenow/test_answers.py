"""Whatever stands in an answer where something else belongs is of the tree, and reads are never
half understood into a write."""

from __future__ import annotations

import copy
import json
import random

import pytest

from connectors.conformance.in_a_thread import Answer
from connectors.errors import ConnectorError, OutcomeUnknown
from connectors.servicenow.conformance import WORLD
from connectors.servicenow.connector import CONNECTOR
from connectors.servicenow.standin.server import SERVER, handle

pytestmark = pytest.mark.slow

ODD = (None, True, 7, -1, "odd", "", [], {}, [7], [None], {"x": 7}, [[]], 10**400)
CHANGES = 60  # of answers, for each operation and finder
DICE = random.Random(6)


class Odd:
    """Answers as the stand-in does, with one value of one answer replaced."""

    def __call__(self, instance, request):
        answer = handle(instance, request)
        if answer.body is None or DICE.random() < 0.6:
            return answer
        return Answer(answer.status, changed(answer.body), answer.headers)


def changed(body):
    body = copy.deepcopy(body)
    places = list(walk(body))
    if not places or DICE.random() < 0.1:
        return DICE.choice(ODD)
    parent, name = DICE.choice(places)
    parent[name] = DICE.choice(ODD)
    return body


def walk(node):
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in list(inner):
        yield node, name
        if isinstance(value, dict | list):
            yield from walk(value)


@pytest.fixture
def odd(now, monkeypatch):
    with now.session() as session:
        monkeypatch.setattr(SERVER, "_handle", Odd())
        yield session


@pytest.mark.parametrize("operation", CONNECTOR.operations, ids=lambda o: o.name)
def test_an_operation_reads_nothing_else_into_an_odd_answer(odd, operation):
    params = operation.params.model_validate(WORLD.samples[operation.name].params)
    refused = 0
    for index in range(CHANGES):
        try:
            before = operation.read(odd, params)
            json.dumps([dict(before.fields), dict(before.about)])
            operation.undo(params, before)
            assert operation.facts(params, before).keys() == operation.fact_types.keys()
            operation.preview(params, before)
            operation.lookup(odd, params, f"key {index}")
        except OutcomeUnknown as error:
            pytest.fail(f"nothing was written: {error}")
        except ConnectorError:
            refused += 1
    assert refused > 0


@pytest.mark.parametrize("finder", CONNECTOR.finders, ids=lambda f: f.name)
def test_a_finder_finds_nothing_else_in_an_odd_answer(odd, finder):
    for _ in range(CHANGES):
        try:
            found = finder.find(odd, WORLD.searches[finder.name].words)
        except ConnectorError:
            continue
        assert len(found) <= finder.records_max
        for record in found:
            assert record.fields.keys() == finder.field_types.keys()
            assert type(record.fields["priority"]) is int


def test_taking_back_and_writing_are_of_the_tree_too(odd, now):
    operation, params = now.typed(
        "servicenow.update_incident",
        incident="INC0000001",
        field="assigned_to",
        value="jo@acme.example",
    )
    for index in range(CHANGES):
        try:
            before = operation.read(odd, params)
            result = operation.execute(odd, params, before, f"do {index}")
            operation.compensate(odd, params, before, result, f"undo {index}")
        except ConnectorError:
            continue
