"""Templates become typed parameters; what is empty drops its step."""

# ruff: noqa: E501 - what is said and what comes of it stand on one line

from __future__ import annotations

import pytest
from desk_orders import find

from bot.planner.binding import Filled, TemplateError, bind
from policies.workflow import Workflow
from store.model.plan import Slot


def _filled(number: str) -> dict[str, Filled]:
    (record,) = find("orders.find", number)
    return {
        "order": Filled(Slot(name="order", value=record.id, said=number), record),
        "amount": Filled(Slot(name="amount", value={"minor": 4000, "currency": "USD"}, said="$40")),
        "reason": Filled(Slot(name="reason", value="wrong-item", said="wrong item")),
    }


def test_references_take_values_and_sentences_words(workflows: tuple[Workflow, ...]) -> None:
    plan = bind(workflows[0], _filled("1043"))
    assert [(s.id, s.operation, s.params) for s in plan.steps] == [
        ("refund", "payments.refund", {"payment": "pay_1043", "amount": {"minor": 4000, "currency": "USD"}, "reason": "wrong-item"}),
        ("note", "orders.add_note", {"order": "1043", "text": "Refund $40.00, wrong item"}),
        ("close", "tickets.update", {"ticket": "T-882", "status": "solved"}),
    ]  # fmt: skip


def test_without_a_ticket_none_is_closed(workflows: tuple[Workflow, ...]) -> None:
    assert [s.id for s in bind(workflows[0], _filled("1077")).steps] == ["refund", "note"]


def test_nothing_refundable_drops_the_refund_of_a_cancellation(
    workflows: tuple[Workflow, ...],
) -> None:
    assert [s.id for s in bind(workflows[1], _filled("1062")).steps] == ["cancel", "note"]
    assert [s.id for s in bind(workflows[1], _filled("1066")).steps] == ["cancel", "refund", "note"]


def test_a_reference_to_nothing_names_the_workflow(workflows: tuple[Workflow, ...]) -> None:
    filled = _filled("1043")
    record = filled["order"].record
    assert record is not None
    wrong = workflows[0].model_copy(
        update={"steps": ({"x": workflows[0].steps[0]["refund"].model_copy(update={"when": "{order.colour}"})},)}
    )  # fmt: skip
    with pytest.raises(TemplateError, match=r"refund: \{order.colour\}"):
        bind(wrong, filled)
