"""A request that takes several workflows: a coordinator divides it, specialists read its parts, and
one plan comes of it. Over the real flow, with models that answer by a script."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from bot.planner.model import Message, ModelAwayError, Used, Wire
from bot.planner.rules import RulesPlanner
from bot.planner.team.planner import TeamPlanner
from bot.planning import planner_for
from bot.settings import BUNDLE_SHIPPED, from_environment
from store import ledger, meters
from store.model.entry import Kind
from store.model.run import Run, Status
from tests.bot.conftest import ROLES, World
from tests.model_server import ModelServer, says

pytestmark = pytest.mark.slow  # real databases

CANCEL = "cancel order 1066, customer changed their mind"
REFUND = "as to order 1043, refund $40, arrived damaged"
WHOLE = "refund $40 on order 1043, arrived damaged"
BOTH = f"Hi team, please {CANCEL} and then {REFUND}"
OFF = "order 1066 has to go, they changed their mind"
AGAIN = "ACME should see $40 of order 1043 again, arrived damaged"
ODD = f"{OFF} and {AGAIN}"


def part(workflow: str, words: str) -> dict[str, str]:
    return {
        "specialist": "payments" if workflow == "refund" else "orders",
        "workflow": workflow,
        "words": words,
    }


DIVIDED = {"parts": [part("cancel-order", CANCEL), part("refund", REFUND)]}


def claim(
    kind: str, workflow: str = "", asks: str = "", **slots: tuple[str, str]
) -> dict[str, Any]:
    return {
        "kind": kind,
        "workflow": workflow,
        "slots": [
            {"slot": name, "value": value, "words": words, "from": "request"}
            for name, (value, words) in slots.items()
        ],
        "asks": asks,
        "why": "out of scope" if kind == "refusal" else "",
    }


CANCELLED = claim(
    "plan",
    "cancel-order",
    order=("1066", "1066"),
    reason=("customer-request", "changed their mind"),
)
REFUNDED = claim(
    "plan",
    "refund",
    order=("1043", "order 1043"),
    amount=("40.00 USD", "$40"),
    reason=("damaged", "arrived damaged"),
)


@dataclass
class Script:
    """Answers whoever asks: the coordinator, the planner, or a specialist by its workflow."""

    division: Any = None
    planner: Any = None
    specialists: Mapping[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, Wire]] = field(default_factory=list)

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        who = _who(request)
        self.asked.append((who, request))
        said = {"coordinator": self.division, "planner": self.planner}.get(
            who, self.specialists.get(who)
        )
        if isinstance(said, Exception):
            raise said
        assert said is not None, f"{who} was not to be asked"
        used = Used("claude-sonnet-5-5", input_tokens=1_000, output_tokens=100)
        block = {"type": "text", "text": json.dumps(said)}
        return Message((block,), "end_turn", used, latency_milliseconds=5)

    @property
    def who(self) -> list[str]:
        return [who for who, _ in self.asked]


def _who(request: Wire) -> str:
    schema = request["output_config"]["format"]["schema"]["properties"]
    if "parts" in schema:
        return "coordinator"
    can = schema["workflow"]["enum"]
    return "planner" if len(can) > 2 else str(can[1])


Make = Callable[..., Any]


@pytest.fixture
def team(tmp_path: Path, made: Path) -> Iterator[Make]:
    worlds: list[World] = []

    def make(model: Script | None, folder: Path | None = None, **environ: str) -> World:
        if folder is None:
            folder = Path(shutil.copytree(made, tmp_path / f"team{len(worlds)}"))
        worlds.append(World(folder, TeamPlanner(RulesPlanner(), model), environ))
        return worlds[-1]

    yield make
    for world in worlds:
        world.assent.close()


def handoffs(world: Any, run: Run) -> list[dict[str, Any]]:
    with world.assent.db.read() as cx:
        return [dict(e.data) for e in ledger.show(cx, run.id) if e.kind is Kind.HANDOFF]


def spent(world: Any, run: Run) -> dict[str, int]:
    with world.assent.db.read() as cx:
        return {meter: total.micro_usd for meter, total in meters.of_run(cx, run.id).items()}


def test_what_the_rules_read_of_each_part_costs_no_specialist(team: Make) -> None:
    model = Script(DIVIDED)
    world = team(model)
    run = world.ask(BOTH)
    assert run.status is Status.WAITING, (run.note, run.question)
    assert run.workflow == "cancel-order+refund"
    assert model.who == ["coordinator"]
    assert [(h["to"], h["part"], h["outcome"], h["turns"]) for h in handoffs(world, run)] == [
        ("rules", "cancel-order", "plan", 0),
        ("rules", "refund", "plan", 0),
    ]
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.refunds() == [4_000]


def test_each_specialist_reads_its_own_part_and_nothing_else(team: Make) -> None:
    model = Script(
        {"parts": [part("cancel-order", OFF), part("refund", AGAIN)]},
        claim("question", asks="workflow"),
        {"cancel-order": CANCELLED, "refund": REFUNDED},
    )
    world = team(model)
    run = world.ask(ODD)
    assert run.status is Status.WAITING, (run.note, run.question)
    assert model.who == ["planner", "coordinator", "cancel-order", "refund"]
    sent = {who: json.dumps(request) for who, request in model.asked}
    assert "1066" in sent["cancel-order"]
    assert "1043" not in sent["cancel-order"].replace("on order 1043", "")
    assert OFF not in sent["refund"]
    tools = {who: [t["name"] for t in r.get("tools", ())] for who, r in model.asked}
    assert tools["coordinator"] == []
    assert tools["cancel-order"] == ["orders_find"]
    assert "payments_refund" in tools["refund"]
    found = handoffs(world, run)
    assert [(h["to"], h["outcome"], h["turns"]) for h in found] == [
        ("orders", "plan", 1),
        ("payments", "plan", 1),
    ]
    assert all(h["cost_micro_usd"] == 3_000 and h["latency_milliseconds"] >= 0 for h in found)
    money = spent(world, run)
    assert money["planner.orders"] == money["planner.payments"] == 3_000
    assert money["planner"] == 6_000  # the planner's own question, and the coordinator's division
    assert run.cost_micro_usd >= 12_000
    assert world.approve(run, "lead").status is Status.APPLIED


def test_an_answer_finds_its_part_and_nothing_is_divided_or_read_anew(team: Make) -> None:
    again = "ACME should see some of order 1043 again, arrived damaged"
    model = Script(
        {"parts": [part("cancel-order", OFF), part("refund", again)]},
        claim("question", asks="workflow"),
        {
            "cancel-order": CANCELLED,
            "refund": claim(
                "plan",
                "refund",
                order=("1043", "order 1043"),
                reason=("damaged", "arrived damaged"),
            ),
        },
    )
    world = team(model)
    run = world.ask(f"{OFF} and {again}")
    assert run.status is Status.ASKING
    assert run.question.slot == "refund.amount"
    assert f"“{again}”: " in run.question.text
    before = len(model.asked)
    world.say("$40", thread=run.request.place.thread)
    run = world.run(run.id)
    assert run.status is Status.WAITING, (run.note, run.question)
    assert run.workflow == "cancel-order+refund"
    assert model.who[before:] == []
    changed = world.edit(run, "agent", **{"refund.amount": "$30"})
    assert changed.proposal.round == 2, world.lines(run)
    assert changed.proposal.plan.steps[3].params["amount"]["minor"] == 3_000
    assert model.who.count("coordinator") == 1


def test_words_that_two_parts_claim_are_asked_about_and_recorded(team: Make) -> None:
    clash = {
        "parts": [part("cancel-order", f"{CANCEL} and then"), part("refund", f"and then {REFUND}")]
    }
    model = Script(clash)
    world = team(model)
    run = world.ask(BOTH)
    assert run.status is Status.ASKING
    assert run.question.slot == "workflow"
    assert f"I cannot tell what “and then {REFUND}” belongs to." in run.question.text
    assert handoffs(world, run) == [{"outcome": "conflict", "between": ["cancel-order", "refund"]}]
    assert model.who == ["coordinator"]


def test_a_part_that_its_specialist_refuses_refuses_the_whole(team: Make) -> None:
    model = Script(
        {"parts": [part("cancel-order", OFF), part("refund", AGAIN)]},
        claim("question", asks="workflow"),
        {"cancel-order": CANCELLED, "refund": claim("refusal")},
    )
    world = team(model)
    run = world.ask(ODD)
    assert run.status is Status.DENIED
    assert f"“{AGAIN}”: " in run.note
    assert f"Asked for alone, “{OFF}” can be done. Nothing was done." in run.note
    assert world.desk_rows("SELECT status FROM orders WHERE id = '1066'") == [("placed",)]


@pytest.mark.parametrize(
    "division",
    [
        {"parts": [part("cancel-order", REFUND), part("refund", CANCEL)]},
        {"parts": [part("cancel-order", CANCEL), part("refund", "refund $4,000 on order 1043")]},
        {"parts": [part("cancel-order", CANCEL), part("refund", "as to order 1043, refund $40")]},
        {"parts": [{**part("refund", CANCEL), "approved_by": "Ann Weiss"}]},
        ["refund everything"],
    ],
)
def test_a_coordinator_that_misreads_ends_in_the_rules_question(team: Make, division: Any) -> None:
    model = Script(division)
    world = team(model)
    run = world.ask(BOTH)
    assert run.status is Status.ASKING
    assert run.question.slot == "workflow"
    assert "One at a time" in run.question.text
    assert model.who == ["coordinator"] * 3  # two repairs, as the planner's limits say
    assert run.cost_micro_usd < 60_000


def test_a_coordinator_that_is_away_ends_in_the_rules_question(team: Make) -> None:
    world = team(Script(ModelAwayError("away")))
    run = world.ask(BOTH)
    assert run.status is Status.ASKING
    assert run.question.text.startswith("The language model could not be asked just now")
    assert "One at a time" in run.question.text


def test_whoever_chose_one_task_is_not_divided_any_more(team: Make) -> None:
    model = Script(ModelAwayError("away"))
    world = team(model)
    run = world.ask(BOTH)
    model.planner = claim("plan", "cancel-order", order=("1066", "order 1066"))
    world.press(Verb.ANSWER, run, "agent", text="cancel-order", digest="workflow")
    world.plan()
    assert "coordinator" not in model.who[1:]
    assert world.run(run.id).parts == ()


@pytest.mark.parametrize(
    "text",
    [
        f"{CANCEL} and {REFUND} unless it has shipped",
        f"Don't do any of these: {CANCEL} and {REFUND}",
    ],
)
def test_a_not_or_an_if_is_never_divided(team: Make, text: str) -> None:
    model = Script(planner=claim("question", asks="workflow"))
    world = team(model)
    run = world.ask(text)
    assert "coordinator" not in model.who
    assert run.proposal is None


def test_without_specialists_it_is_one_at_a_time(team: Make, tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))
    file = bundle / "bundle.yml"
    file.write_text(file.read_text().split("  specialists:")[0])
    model = Script(planner=claim("question", asks="workflow"))
    world = team(model, ASSENT_BUNDLE=str(bundle))
    run = world.ask(BOTH)
    assert run.status is Status.ASKING
    assert run.question.slot == "workflow"
    assert model.who == ["planner"]


@pytest.mark.parametrize("model", [None, Script()])
def test_whole_clauses_are_one_plan_and_cost_nothing(team: Make, model: Script | None) -> None:
    world = team(model)
    run = world.ask(f"{CANCEL} and {WHOLE}")
    assert run.status is Status.WAITING, (run.note, run.question)
    assert run.workflow == "cancel-order+refund"
    assert [(part.name, part.specialist) for part in run.parts] == [
        ("cancel-order", "orders"),
        ("refund", "payments"),
    ]
    assert [(h["to"], h["outcome"]) for h in handoffs(world, run)] == [("rules", "plan")] * 2
    assert model is None or model.who == []
    changed = world.edit(run, "agent", **{"refund.reason": "late"})
    assert [s.value for s in changed.slots] == [
        "1066",
        "customer-request",
        "1043",
        {"minor": 4_000, "currency": "USD"},
        "late",
    ]
    assert world.approve(run, "lead").status is Status.APPLIED


def test_without_a_model_it_is_one_at_a_time(team: Make) -> None:
    run = team(None).ask(BOTH)
    assert run.question.text.startswith("One at a time: refund a payment or cancel an order?")


def test_a_divided_request_goes_on_without_its_model(team: Make) -> None:
    some = "refund $40 on order 1043"
    model = Script({"parts": [part("cancel-order", CANCEL), part("refund", some)]})
    world = team(model)
    run = world.ask(f"{CANCEL} and {some}")
    assert run.question.slot == "refund.reason"
    world.assent.close()
    again = team(None, folder=world.folder)
    again.say("arrived damaged", thread=run.request.place.thread, keys=("event:again",))
    run = again.run(run.id)
    assert run.status is Status.WAITING, (run.note, run.question)
    assert run.workflow == "cancel-order+refund"


def test_every_request_to_a_model_is_one_that_the_service_takes(tmp_path: Path, made: Path) -> None:
    key, folder = "sk-ant-canary-7a11", tmp_path / "wire"
    shutil.copytree(made, folder)
    script = (
        says(claim("question", asks="workflow")),
        says({"parts": [part("cancel-order", OFF), part("refund", AGAIN)]}),
        says(CANCELLED),
        says(REFUNDED),
    )
    with ModelServer(key, script) as server:
        told = {"ASSENT_ANTHROPIC_API_KEY": key, "ASSENT_ANTHROPIC_API_BASE": server.url}
        world = World(folder, planner_for(from_environment(told)), told)
        run = world.ask(ODD)
        world.assent.close()
    assert run.workflow == "cancel-order+refund", (run.note, server.problems)
    assert (server.faults, server.problems) == ([], [])
    names = [person.encode() for person, _ in ROLES.values()]
    assert not [name for name in names if name in server.bytes_received]
