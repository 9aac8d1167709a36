"""Two records in one sentence: by their forms neither is taken for the other."""

from __future__ import annotations

from datetime import date

import pytest

from bot.planner.claims import judge
from bot.planner.filling import Filling
from bot.planner.planner import Ask, Asked, Context, Draft, Said
from bot.planner.rules import RulesPlanner
from bot.planner.schema import claim_of
from bot.planner.source import listen
from connectors.operation import Record
from policies.workflow import RecordSlot, Workflow

SERVICES = ("checkout", "checkout-worker", "search")
SCALE = Workflow.model_validate_json(
    """{
    "workflow": "scale", "title": "Scale a service", "why": "w", "owner": "o", "autonomy": "L2",
    "slots": {
      "service": {"type": "record", "finder": "deploys.find", "noun": "service",
                  "form": "[a-z]+(-[a-z0-9]+)+", "ask": "Which service?"},
      "replicas": {"type": "text", "digits": "whole", "words": ["replicas"], "ask": "How many?"},
      "incident": {"type": "record", "finder": "incidents.find", "noun": "incident",
                   "form": "INC[0-9]{7}", "is_described": false, "ask": "Which incident?"}
    },
    "verbs": ["scale"],
    "understands": ["scale to {replicas} replicas", "to {replicas} replicas", "to {replicas}"],
    "steps": [{"scale": {"use": "deploys.scale", "with": {"service": "{service}",
               "replicas": "{replicas}"}}}],
    "budget": {"tool_calls": 9, "wall_clock_seconds": 9, "spend_usd": "0.05"},
    "outcome": {"unit": "u", "price_usd": "0.05"},
    "baseline": {"minutes": 1, "measured": "2026-10", "touches": 1},
    "reject_reasons": ["no"], "examples": []
    }"""
)


def _slot(noun: str, form: str, *, is_optional: bool = False) -> RecordSlot:
    return RecordSlot(
        type="record", finder=f"find_{noun}", noun=noun, form=form, is_described=False,
        is_optional=is_optional, ask="Which one?",
    )  # fmt: skip


def find(finder: str, words: str) -> tuple[Record, ...]:
    ids = SERVICES if finder == "deploys.find" else ("INC0010023",)
    exact = [i for i in ids if i.casefold() == words.casefold()]
    like = [i for i in ids if set(words.casefold().split()) <= set(i.casefold().split("-"))]
    if finder == "incidents.find" and words == "checkout":
        exact = ["INC0010023"]  # one that is about it, which nobody has named
    kind = "service" if finder == "deploys.find" else "incident"
    return tuple(Record(kind, i, i, {}) for i in exact or like)


@pytest.mark.parametrize(
    ("said", "service", "replicas"),
    [
        ("scale checkout to 6, INC0010023", "checkout", "6"),
        ("INC0010023: scale checkout to 6", "checkout", "6"),
        ("scale checkout from 4 to 6 for incident INC0010023", "checkout", "6"),
        ("scale checkout-worker to 6 replicas because of inc0010023", "checkout-worker", "6"),
        ("please scale the search service to 3 replicas for incident INC0010023", "search", "3"),
    ],
)
def test_each_number_is_of_its_own_record(said: str, service: str, replicas: str) -> None:
    planned = RulesPlanner().plan(Asked(said, (SCALE,), find))
    assert isinstance(planned, Draft), planned
    values = {slot.name: slot.value for slot in planned.plan.slots}
    assert values == {"service": service, "replicas": replicas, "incident": "INC0010023"}
    assert planned.plan.steps[0].params == {"service": service, "replicas": int(replicas)}


@pytest.mark.parametrize(
    ("said", "slot"),
    [
        ("scale checkout to 6", "incident"),  # which is never found by the word "checkout"
        ("scale to 6, INC0010023", "service"),
        ("scale checkout to 6, INC0010023 and INC0010024", "incident"),
        ("scale checkout to 6, INC99", "incident"),
        ("scale checkout to six, INC0010023", "replicas"),
        ("scale checkout to 6.5, INC0010023", "replicas"),
        ("scale checkout to -6, INC0010023", "replicas"),
        ("scale checkout to 6 or 7, INC0010023", "replicas"),
        ("scale checkout to 6, make it 8, INC0010023", "replicas"),
    ],
)
def test_a_record_that_is_not_named_is_asked_for(said: str, slot: str) -> None:
    planned = RulesPlanner().plan(Asked(said, (SCALE,), find))
    assert isinstance(planned, Ask), planned
    assert planned.question.slot == slot


@pytest.mark.parametrize(("is_requester", "is_taken"), [(True, True), (False, False)])
def test_how_many_is_the_requesters_own_to_say(*, is_requester: bool, is_taken: bool) -> None:
    thread = (Said("Sam", "it needs 6 of them", is_requester=is_requester),)
    asked = Asked("scale checkout like that, INC0010023", (SCALE,), find, (), Context(thread))
    slots = [
        {"slot": "service", "value": "checkout", "words": "checkout", "from": "request"},
        {"slot": "replicas", "value": "6", "words": "6", "from": "thread"},
        {"slot": "incident", "value": "INC0010023", "words": "INC0010023", "from": "request"},
    ]
    claim = claim_of({"kind": "plan", "workflow": "scale", "slots": slots})
    planned = judge(claim, asked, (), is_last=True)
    assert isinstance(planned, Draft if is_taken else Ask), planned


MATCH = SCALE.model_copy(
    update={
        "workflow": "match",
        "slots": {
            "invoice": _slot("invoice", "(INV-)?[0-9]{1,9}"),
            "payment": _slot("payment", "(PMT-)?[0-9]{1,9}", is_optional=True),
        },
        "verbs": ("match",),
        "understands": ("match payment {payment} to invoice {invoice}",),
        "steps": (),
    }
)


def _numbered(finder: str, words: str) -> tuple[Record, ...]:
    kind, letters = ("invoice", "INV-") if finder == "find_invoice" else ("payment", "PMT-")
    ids = {"INV-2041", "INV-2042", "PMT-88", "PMT-89"}
    number = words if words.startswith(letters) else f"{letters}{words}"
    return (Record(kind, number, number, {}),) if number in ids else ()


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        ("match invoice 2041", {"invoice": "INV-2041"}),
        ("match #2041", {"invoice": "INV-2041"}),
        ("match payment 88 to invoice 2041", {"invoice": "INV-2041", "payment": "PMT-88"}),
        ("match invoice no. 2042 with PMT-89", {"invoice": "INV-2042", "payment": "PMT-89"}),
        ("match invoice 2041 with payment 7", None),
        ("match PMT-88 with INV-2041 and PMT-89 with INV-2042", None),
        ("match INV-2041 with INV-2042", None),
    ],
)
def test_a_number_is_of_the_record_that_it_is_called_and_none_is_passed_over(said, slots):
    planned = Filling(MATCH, (listen(MATCH, said),), _numbered, date(2026, 11, 20)).plan()
    if slots is None:
        assert isinstance(planned, Ask), planned
    else:
        filled = planned.filled if isinstance(planned, Ask) else planned.plan.slots
        assert {slot.name: slot.value for slot in filled} == slots
