"""The table of what is proven, by design not and unproven; `pytest -s` prints it."""

from __future__ import annotations

from dataclasses import replace

from connectors import registry
from connectors.conformance.properties import OPERATION_PROPERTIES, operation_standing
from connectors.conformance.world import world
from tests.docs.connectors_page import table


def test_table_of_every_connector():
    for name in registry.connector_names():
        connector, its_world = registry.connector(name), world(name)
        lines = list(table(connector, its_world))
        print("\n".join(["", name, its_world.counterpart, "", *lines]))
        titles = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
        assert {p.title for p in OPERATION_PROPERTIES if connector.operations} <= set(titles)


def test_what_a_counterpart_cannot_show_is_never_marked_as_proven():
    desk = registry.connector("desk")
    why = "the counterpart has no clock of its own"
    its_world = replace(
        world("desk"),
        unproven={"check_credentials": why, "orders.cancel check_facts": f"{why} at all"},
    )
    lines = list(table(desk, its_world))
    (credentials,) = [line for line in lines if line.startswith("| a bad credential")]
    (facts,) = [line for line in lines if line.startswith("| facts are as declared")]
    assert "✓" not in credentials
    assert credentials.count("?") == len(desk.operations)
    assert facts.count("?") == 1
    assert [line for line in lines if line.endswith(f"Unproven: {why.capitalize()}.")] != []


def test_by_design_says_why():
    refund = registry.operation("payments.refund")[1]
    final = replace(
        world("desk").samples["payments.refund"],
        final=world("desk").samples["payments.refund"].params,
    )
    its_world = replace(world("desk"), samples={"payments.refund": final})
    said = {
        p.name: operation_standing(p, refund, its_world)
        for p in OPERATION_PROPERTIES
        if p.name.startswith("check_compensate")
    }
    assert {s.verdict for s in said.values()} == {"by design not"}
    assert all("cannot be taken back" in s.why for s in said.values())
