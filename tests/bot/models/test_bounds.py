"""Whatever a model does or fails to do, the request ends soon, and the person reads why."""

from __future__ import annotations

import contextlib
import json
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import serving
from bot.calls import Allowance, Calls
from bot.cards.phrases import dollars
from bot.cards.run_card import run_card
from bot.catalogue import NotInCatalogueError
from bot.context import context_of
from bot.planner.model import (
    Message,
    ModelAwayError,
    ModelBrokenError,
    ModelRefusedError,
    NotRecordedError,
    Used,
)
from bot.takeover import Takeover
from connectors.desk import faults
from store import executors
from store.meters import Total
from store.model.entry import Kind
from store.model.run import Event, Status
from tests.bot.models.conftest import Thinking
from tests.bot.models.script import REFUSAL, USED, plan, reads, slot, text

pytestmark = pytest.mark.slow  # whole flows

ODD = "the box of 1043 got there crushed, ${} makes that right"
RULES_ANSWER = "That is nothing I can do here."


def reading(dollars: int) -> dict[str, Any]:
    return plan(
        "refund",
        slot("order", "1043", "1043"),
        slot("amount", f"{dollars}.00 USD", f"${dollars}"),
        slot("reason", "damaged", "crushed"),
    )


@pytest.mark.parametrize(
    ("turn", "why", "asked"),
    [
        (ModelAwayError("503 for 60 s"), "could not be asked just now", 1),
        (ModelRefusedError("401: the key is not known"), "not set up rightly", 1),
        (ModelBrokenError("HTML instead of JSON"), "no answer that I could check", 1),
        (NotRecordedError("no recorded answer to 4f2a"), "4f2a", 1),
        (text("", "refusal"), "declined to read this", 1),
        (text('{"kind":', "max_tokens"), "no answer that I could check", 3),
        (Message((), "max_tokens", USED), "no answer that I could check", 3),
        (text("{", "model_context_window_exceeded"), "no answer that I could check", 3),
        (text("{}", "something_new"), "no answer that I could check", 3),
        (Message((), "tool_use", USED), "no answer that I could check", 3),
        (Message((), "end_turn", USED), "no answer that I could check", 3),
        (text("thinking on", "pause_turn"), "6 turns", 6),
        (reads(("orders_find", {"words": "1043"})), "6 turns", 6),
        (reads(*[("orders_find", {"words": "1043"})] * 30), "6 turns", 6),
    ],
)
def test_every_failure_is_an_honest_answer_of_the_rules(
    world: Thinking, turn: Any, why: str, asked: int
) -> None:
    before = world.writes()
    world.think(turn)
    run = world.ask(ODD.format(40))
    assert run.status is Status.DENIED
    assert why in run.note, run.note
    assert RULES_ANSWER in run.note
    assert world.script.asked == asked
    assert len(world.entries(run, Kind.MODEL)) == asked
    assert len(world.entries(run, Kind.READ)) <= 10
    assert world.writes() == before


def test_a_key_that_is_refused_is_logged(world: Thinking, caplog: pytest.LogCaptureFixture) -> None:
    world.think(ModelRefusedError("401: the key is not known"))
    with caplog.at_level(logging.WARNING):
        world.ask(ODD.format(40))
    assert "401" in caplog.text


def test_a_pause_is_gone_on_from(world: Thinking) -> None:
    world.think(text("so far", "pause_turn"), reading(51))
    assert world.ask(ODD.format(51)).status is Status.WAITING
    roles = [m["role"] for m in world.script.requests[1]["messages"]]
    assert roles == ["user", "assistant"]


def test_what_is_cut_off_once_is_asked_for_again(world: Thinking) -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    use = {"type": "tool_use", "id": "toolu_1", "name": "orders_find", "input": {"words": "1043"}}
    world.think(
        Message((thought, use), "tool_use", USED),
        Message(({"type": "text", "text": "{"}, use), "max_tokens", USED),
        reading(52),
    )
    assert world.ask(ODD.format(52)).status is Status.WAITING
    last = world.script.requests[2]["messages"]
    assert [m["role"] for m in last] == ["user", "assistant", "user"]
    assert last[1]["content"] == [thought, use], "thinking goes back as it came"
    assert "cut off" in last[2]["content"][-1]["text"]


def test_no_ask_is_made_that_could_cost_more_than_is_left(world: Thinking) -> None:
    dear = replace(USED, input_tokens=50_000, output_tokens=4_000)  # $0.14
    world.think(
        Message(reads(("orders_find", {"words": "1043"})).content, "tool_use", dear), reading(53)
    )
    run = world.ask(ODD.format(53))
    assert run.status is Status.DENIED
    assert "$0.20" in run.note
    assert world.script.asked == 1
    assert run.cost_micro_usd >= 140_000
    assert world.charged(run)["planner"].micro_usd == 140_000
    assert world.charged(run)["planner"].calls == 1


def test_what_a_model_costs_counts_into_the_workflows_budget(world: Thinking) -> None:
    world.think(text(str(reading(54)).replace("'", '"'), used=Used("claude-sonnet-5-5", 120_000)))
    run = world.ask(ODD.format(54))
    assert run.status is Status.FAILED
    assert "$0.24" in run.note, run.note
    assert "$0.20" in run.note


def test_answers_and_questions_do_not_pay_without_bound(world: Thinking) -> None:
    cost = replace(USED, input_tokens=15_000)  # $0.031
    ask = plan("refund", slot("order", "1043", "1043"), kind="question", asks="reason")
    world.think(text(str(ask).replace("'", '"'), used=cost))
    run = world.ask("the box of 1043 got there ruined, make it right")
    for _ in range(12):
        if run.status is not Status.ASKING:
            break
        world.say("hm hm", thread=run.request.place.thread)
        run = world.run(run.id)
    assert world.charged(run)["planner"].micro_usd <= 200_000
    assert world.script.asked <= 6


def test_everybody_together_does_not_pay_without_bound(world: Thinking) -> None:
    world.think(text(str(REFUSAL).replace("'", '"'), used=Used("claude-sonnet-5-5", 9_990_000)))
    world.ask(ODD.format(55))
    assert world.script.asked == 1
    run = world.ask(ODD.format(55), "agent2")
    assert world.script.asked == 1, "the day's money is spent"
    assert "what may be spent" in run.note
    world.clock.offset += timedelta(days=1, minutes=1)
    world.ask(ODD.format(55), "agent2")
    assert world.script.asked == 2
    world.clock.offset += timedelta(days=1, minutes=1)


def test_time_is_that_of_the_whole_planning(world: Thinking) -> None:
    def slow(_request: object) -> Message:
        world.clock.offset += timedelta(seconds=25)
        return reads(("orders_find", {"words": "1043"}))

    world.think(slow)
    run = world.ask(ODD.format(56))
    assert world.script.asked == 3
    assert "60 seconds" in run.note


def test_a_system_that_is_away_is_tried_again_and_the_model_is_paid_for_each_time(
    world: Thinking,
) -> None:
    faults.set_fault(world.desk, "unavailable", operation="orders.find", call="find")
    world.think(reads(("orders_find", {"words": "1043"})), reading(57))
    try:
        run = world.ask(ODD.format(57))
    finally:
        faults.clear_faults(world.desk)
    assert world.charged(run)["planner"].calls == world.script.asked
    assert len(world.entries(run, Kind.MODEL)) == world.script.asked


def test_time_goes_on_over_the_tries_of_a_system_that_is_away(world: Thinking) -> None:
    def slow(_request: object) -> Message:
        world.clock.offset += timedelta(seconds=40)
        return reads(("orders_find", {"words": "1043"}))

    faults.set_fault(world.desk, "unavailable", operation="orders.find", call="find", count=9)
    world.think(slow)
    try:
        run = world.ask(ODD.format(61))
    finally:
        faults.clear_faults(world.desk)
    assert world.script.asked == 2
    assert "60 seconds" in run.note, run.note


def test_a_run_that_is_cancelled_while_it_is_read_has_paid_all_the_same(world: Thinking) -> None:
    def cancelled(_request: object) -> dict[str, Any]:
        run = world.run(world.last_id())
        with world.assent.db.begin() as tx:
            world.assent.recorder.advance(tx, run, Event.CANCELLED, note="Enough.")
        return reading(58)

    world.think(cancelled)
    run = world.ask(ODD.format(58))
    assert run.status is Status.CANCELLED
    assert world.charged(run)["planner"].calls == 1
    assert len(world.entries(run, Kind.MODEL)) == 1


class Died(BaseException):
    """The process is gone."""


def test_a_process_that_dies_again_and_again_while_it_reads_does_not_pay_without_bound(
    world: Thinking,
) -> None:
    def dies(_request: object) -> Message:
        raise Died

    world.think(dies)
    with pytest.raises(Died):
        world.ask(ODD.format(62))
    for _ in range(20):
        with contextlib.suppress(Died):
            world.plan()
    run = world.run(world.last_id())
    assert run.status is Status.DENIED
    assert "$0.20" in run.note, run.note
    assert world.script.asked <= 5
    assert 100_000 < world.charged(run)["planner"].micro_usd <= 200_000


def test_every_ask_is_in_the_ledger_with_what_it_took(world: Thinking) -> None:
    world.think(reading(59))
    run = world.ask(ODD.format(59))
    (entry,) = world.entries(run, Kind.MODEL)
    assert entry.data["model"] == "claude-sonnet-5-5"
    assert entry.data["input_tokens"] == 2_000
    assert entry.data["cost_micro_usd"] == 5_000
    assert entry.data["stop_reason"] == "end_turn"
    assert len(str(entry.data["prompt"])) == 64
    assert "crushed" in str(entry.sensitive["answer"])
    assert "crushed" not in str(entry.data), "people's words can be erased"


def test_a_question_of_the_rules_says_when_no_model_could_be_asked(world: Thinking) -> None:
    world.think(ModelAwayError("529"))
    run = world.ask("cancel order 1066 and refund $40 on order 1043")
    assert world.script.asked == 1
    assert run.status is Status.ASKING
    assert run.question is not None
    assert run.question.slot == "workflow"
    assert "could not be asked" in run.question.text


def test_the_gate_itself_refuses_what_the_bundle_does_not_list_for_the_role(
    world: Thinking,
) -> None:
    world.think(REFUSAL)
    run = world.ask(ODD.format(60))
    nothing_used, allowed = Total(micro_usd=0, calls=0), Allowance(calls=9, micro_usd=9)
    calls = Calls(world.assent.catalogue(), run.id, "", nothing_used, allowed)
    for roles, name in ((("support",), "orders.cancel"), ((), "orders.find")):
        held = frozenset(roles)
        assent, roles_now = world.assent, lambda held=held: held
        context = context_of(assent.db, assent.metering, run, calls, roles_now, world.clock)
        gate = context.gate
        assert gate is not None
        assert not gate.may_read(name)
        with pytest.raises(NotInCatalogueError):
            gate.find(name, "1043")
    assert calls.count == 0


def late(lost: int) -> ModelAwayError:
    error = ModelAwayError("The model did not answer within 60 seconds")
    error.lost = lost
    return error


def test_an_ask_without_an_answer_is_booked_at_the_most_that_it_can_cost(world: Thinking) -> None:
    world.think(late(2))
    run = world.ask(ODD.format(63))
    (entry,) = world.entries(run, Kind.MODEL)
    booked = int(str(entry.data["cost_micro_usd"]))
    assert booked == entry.data["estimate_micro_usd"] > 2 * 40_000
    assert entry.data["lost"] == 2
    assert world.charged(run)["planner"] == Total(
        micro_usd=booked, calls=1, estimate_micro_usd=booked
    )
    assert (run.cost_micro_usd, run.estimate_micro_usd) == (booked, booked)
    view = world.assent.reading.view(run.id)
    assert view is not None
    assert f"up to {dollars(booked)}" in str(run_card(view))
    assert "Cost up to $" in str(world.assent.reading.digest_text(run.request.place))


def test_a_try_that_was_lost_before_an_answer_is_booked_beside_it(world: Thinking) -> None:
    world.think(late(1))
    lost = world.ask(ODD.format(64)).estimate_micro_usd
    world.think(replace(text(json.dumps(reading(64))), lost=1))
    run = world.ask(ODD.format(64))
    assert run.status is Status.WAITING, run.note
    assert run.estimate_micro_usd == lost
    assert world.charged(run)["planner"].micro_usd == lost + 5_000


def test_an_ask_that_was_refused_or_never_sent_costs_nothing(world: Thinking) -> None:
    for turn in (late(0), ModelRefusedError("401")):
        world.think(turn)
        run = world.ask(ODD.format(65))
        assert world.charged(run)["planner"] == Total(micro_usd=0, calls=1)
        assert run.estimate_micro_usd == 0


def test_what_a_dead_process_was_asking_is_written_down_at_the_next_start(world: Thinking) -> None:
    def dies(_request: object) -> Message:
        raise Died

    world.think(dies)
    with pytest.raises(Died):
        world.ask(ODD.format(66))
    run = world.run(world.last_id())
    assert world.entries(run, Kind.MODEL) == []
    reserved = world.charged(run)["planner"].micro_usd
    assert reserved > 0
    serving._release(world.assent)
    serving._release(world.assent)
    (entry,) = world.entries(run, Kind.MODEL)
    assert entry.data["stop_reason"] == "unknown"
    assert entry.data["model"] == "claude-sonnet-5-5"
    assert entry.data["cost_micro_usd"] == entry.data["estimate_micro_usd"] == reserved
    run = world.run(run.id)
    assert (run.cost_micro_usd, run.estimate_micro_usd) == (reserved, reserved)
    known = Total(micro_usd=reserved, calls=1, estimate_micro_usd=reserved)
    assert world.charged(run)["planner"] == known
    world.think(reading(66))
    world.plan()
    run = world.run(run.id)
    assert run.status is Status.WAITING, run.note
    assert world.charged(run)["planner"].micro_usd == reserved + 5_000
    assert run.cost_micro_usd == sum(each.micro_usd for each in world.charged(run).values())
    assert len(world.entries(run, Kind.MODEL)) == 2


def test_another_planning_or_process_writes_down_what_a_dead_one_was_asking(
    world: Thinking,
) -> None:
    def dies(_request: object) -> Message:
        raise Died

    world.think(dies, reading(67))
    with pytest.raises(Died):
        world.ask(ODD.format(67))
    world.plan()
    run = world.run(world.last_id())
    assert run.status is Status.WAITING, run.note
    ends = [entry.data["stop_reason"] for entry in world.entries(run, Kind.MODEL)]
    assert ends == ["unknown", "end_turn"]

    world.think(dies)
    with pytest.raises(Died):
        world.ask(ODD.format(68))
    run = world.run(world.last_id())
    with world.assent.db.begin() as tx:
        executors.see(tx, world.assent.settings.executor, world.clock() - timedelta(minutes=5))
    other = Takeover(world.assent.db, "another", world.assent._take_over, world.clock)
    other.look()
    assert [e.data["stop_reason"] for e in world.entries(run, Kind.MODEL)] == ["unknown"]


def test_a_defect_while_a_model_is_asked_leaves_no_ask_out_of_the_ledger(world: Thinking) -> None:
    def breaks(_request: object) -> Message:
        raise RuntimeError("not foreseen")

    world.think(breaks)
    run = world.ask(ODD.format(69))
    assert run.status is Status.FAILED
    (entry,) = world.entries(run, Kind.MODEL)
    assert entry.data["stop_reason"] == "unknown"
    assert run.cost_micro_usd == world.charged(run)["planner"].micro_usd > 0
