"""Whatever stands in Jira's answers where something else belongs."""

from __future__ import annotations

import pytest

from connectors.jira.conformance import WORLD
from connectors.jira.connector import CONNECTOR
from connectors.jira.standin.server import SERVER, handle
from tests.connectors import odd_answers

pytestmark = pytest.mark.slow


@pytest.fixture
def odd(jira, monkeypatch):
    with jira.session() as session:
        oddly = odd_answers.odd(handle, lambda request: "myself" in request.path)
        monkeypatch.setattr(SERVER, "_handle", oddly)
        yield session


@pytest.mark.parametrize("operation", CONNECTOR.operations, ids=lambda o: o.name)
def test_an_operation_reads_nothing_else_into_an_odd_answer(odd, operation):
    odd_answers.check_reading(odd, operation, WORLD.samples[operation.name].params)


@pytest.mark.parametrize("finder", CONNECTOR.finders, ids=lambda f: f.name)
def test_a_finder_finds_nothing_else_in_an_odd_answer(odd, finder):
    for record in odd_answers.check_finding(odd, finder, WORLD.searches[finder.name].words):
        assert all(type(v) is str for v in record.fields.values())


def test_taking_back_and_writing_are_of_the_tree_too(odd, jira):
    odd_answers.check_writing(
        odd, *jira.typed("jira.transition", issue="OPS-1", status="In Progress")
    )
