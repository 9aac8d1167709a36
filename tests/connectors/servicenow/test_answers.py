"""Whatever stands in ServiceNow's answers where something else belongs."""

from __future__ import annotations

import pytest

from connectors.servicenow.conformance import WORLD
from connectors.servicenow.connector import CONNECTOR
from connectors.servicenow.standin.server import SERVER, handle
from tests.connectors import odd_answers

pytestmark = pytest.mark.slow


@pytest.fixture
def odd(now, monkeypatch):
    with now.session() as session:
        monkeypatch.setattr(SERVER, "_handle", odd_answers.odd(handle))
        yield session


@pytest.mark.parametrize("operation", CONNECTOR.operations, ids=lambda o: o.name)
def test_an_operation_reads_nothing_else_into_an_odd_answer(odd, operation):
    odd_answers.check_reading(odd, operation, WORLD.samples[operation.name].params)


@pytest.mark.parametrize("finder", CONNECTOR.finders, ids=lambda f: f.name)
def test_a_finder_finds_nothing_else_in_an_odd_answer(odd, finder):
    for record in odd_answers.check_finding(odd, finder, WORLD.searches[finder.name].words):
        assert record.fields.keys() == finder.field_types.keys()
        assert type(record.fields["priority"]) is int


def test_taking_back_and_writing_are_of_the_tree_too(odd, now):
    typed = now.typed(
        "servicenow.update_incident",
        incident="INC0000001",
        field="assigned_to",
        value="jo@acme.example",
    )
    odd_answers.check_writing(odd, *typed)
