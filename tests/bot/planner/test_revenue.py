"""Corrections and refunds of the revenue bundle: what is dropped, cut or guessed by nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from bot.planner.planner import Ask, Asked, Draft, Planned, Refuse
from bot.planner.rules import RulesPlanner
from connectors.operation import Record
from policies.workflow import Workflow

FOLDER = Path(__file__).parents[3] / "policies" / "bundles" / "revenue" / "workflows"
CURRENCIES = {"ch_1aa": "USD", "ch_2bb": "USD", "ch_3cz": "CZK"}


def workflow(name: str) -> Workflow:
    tree = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return Workflow.model_validate_json(json.dumps(tree))


def find(finder: str, words: str) -> tuple[Record, ...]:
    if finder == "salesforce.find_records":
        fields = {"id": "006", "object": "Opportunity", "name": "n", "is_closed": False}
        return (Record("opportunity", "006", "n", fields),) if words == "renewal" else ()
    return tuple(
        Record("charge", key, key, {"charge": key, "customer": "cus_1", "refundable": left})
        for key, currency in CURRENCIES.items()
        if key == words and (left := {"minor": 9000, "currency": currency})
    )


def plan(name: str, said: str) -> Planned:
    return RulesPlanner().plan(Asked(said, (workflow(name),), find))


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("set the stage of the renewal to Closed Won", "Closed Won"),
        ("set the stage of the renewal to Closed Won.", "Closed Won"),
        ("please set the stage of the renewal to Closed Won.\n", "Closed Won"),
        (
            "set the next step of the renewal to call, then write, then wait",
            "call, then write, then wait",
        ),
        ("the amount of the renewal should be 12000.50", "12000.50"),
    ],
)
def test_a_value_is_all_that_follows_but_its_full_stop(said, value):
    planned = plan("correct-field", said)
    assert isinstance(planned, Draft)
    (step,) = planned.plan.steps
    assert (step.params["record"], step.params["value"]) == ("006", value)


def test_of_two_charges_none_is_dropped():
    planned = plan("refund-charge", "refund $40 of charges ch_1aa and ch_2bb, duplicate")
    assert isinstance(planned, Ask)
    assert planned.question.slot == "charge"


def test_a_charge_in_a_currency_that_is_not_handled_says_so():
    planned = plan("refund-charge", "full refund for charge ch_3cz, duplicate")
    assert isinstance(planned, Refuse)
    assert "ch_3cz is in CZK" in planned.text
