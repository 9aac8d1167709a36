"""The twelve invariants of the design, each in its shortest end-to-end form.

The deeper tests stand beside the parts: approvals, executions, kills, the ledger, the renderers.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.cards.block_kit import render
from bot.cards.run_card import run_card
from bot.incoming import Verb
from bot.planner.planner import Draft
from connectors.desk import faults, outside
from policies import engine as policy
from store import ledger
from store.errors import StoreError
from store.ledger.verify import verify
from store.model.decision import Effect
from store.model.entry import Entry, Kind
from store.model.plan import Plan, Step
from store.model.run import SETTLED, Status

SMALL = "refund $40 on order 1043, arrived damaged"


def card_text(world: Any, run: Any) -> str:
    return json.dumps(render(run_card(world.assent.reading.view(run.id))).blocks)


def test_1_what_was_signed_is_what_runs(world: Any) -> None:
    run = world.ask(SMALL)
    outside.refund_payment(world.desk, "pay_7731", 100)
    reopened = world.approve(run, "lead")
    assert reopened.status is Status.WAITING
    assert world.refunds() == [100]
    assert reopened.proposal.digest != run.proposal.digest
    assert "CHANGED SINCE YOU LOOKED" in card_text(world, run)
    assert world.assent.reading.view(run.id).approvals == ()


class Smuggler:
    """A planner that proposes what the catalogue or the policy does not allow."""

    def __init__(self, plan: Plan) -> None:
        self.plan_ = plan

    def plan(self, *_given: Any) -> Draft:
        return Draft(workflow=self.plan_.workflow, plan=self.plan_)


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("payments.pay_out_everything", {}),
        ("payments.refund", {"payment": "pay_7731", "amount": "everything", "reason": "x"}),
        (
            "payments.refund",
            {
                "payment": "pay_7731",
                "amount": {"minor": -1, "currency": "USD"},
                "reason": "damaged",
            },
        ),
        (
            "payments.refund",
            {
                "payment": "pay_7731",
                "amount": {"minor": 900_000, "currency": "USD"},
                "reason": "damaged",
            },
        ),
    ],
)
def test_2_a_planner_cannot_widen_authority(
    world: Any, operation: str, params: dict[str, Any]
) -> None:
    step = Step(id="one", operation=operation, params=params)
    smuggler = Smuggler(Plan(workflow="refund", slots=(), steps=(step,)))
    world.assent.flow._proposer._planner = smuggler
    run = world.ask(SMALL)
    assert run.status in {Status.DENIED, Status.FAILED}
    assert "defect" not in run.note
    assert world.refunds() == []
    assert world.press(Verb.APPROVE, run, "lead").is_refusal


def test_2_a_plan_of_a_planner_is_decided_on_by_policy(world: Any) -> None:
    """Well formed, possible at the desk, and outside of the window in which refunds are allowed."""
    [(payment,)] = world.desk_rows(
        "SELECT p.id FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.status = 'paid'"
        " AND o.placed_at < datetime('now', '-120 days') AND p.paid_minor > 1000 LIMIT 1"
    )
    params = {"payment": payment, "amount": {"minor": 100}, "reason": "damaged"}
    [(params["amount"]["currency"],)] = world.desk_rows(
        f"SELECT currency FROM payments WHERE id = '{payment}'"
    )
    step = Step(id="one", operation="payments.refund", params=params)
    smuggler = Smuggler(Plan(workflow="refund", slots=(), steps=(step,)))
    world.assent.flow._proposer._planner = smuggler
    run = world.ask(SMALL)
    assert run.status is Status.DENIED, run.note
    assert "90" in run.note
    assert world.press(Verb.APPROVE, run, "lead").is_refusal
    assert world.refunds(payment) == []


@pytest.mark.parametrize("missing", ["refund.currency", "requester.roles", "payment.status"])
def test_3_policy_denies_by_default(world: Any, missing: str) -> None:
    real = policy.Engine.decide

    def without(self: Any, given: Any) -> Any:
        less = [
            policy.StepFacts(
                step_id=each.step_id,
                operation=each.operation,
                facts={name: value for name, value in each.facts.items() if name != missing},
            )
            for each in given
        ]
        return real(self, less)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy.Engine, "decide", without)
        run = world.ask(SMALL)
    assert run.status is Status.DENIED
    assert run.proposal.decision.effect is Effect.DENIED


def test_3_policy_denies_what_no_rule_allows(world: Any) -> None:
    assert world.ask(SMALL, "outsider").status is Status.DENIED
    assert world.ask(SMALL, channel="C0NOWHERE00").status is Status.DENIED


def test_4_the_requester_and_outsiders_never_count_and_one_human_counts_once(world: Any) -> None:
    run = world.ask("refund $1,500.00 on order 1067, arrived damaged")
    own = world.ask(SMALL, "lead")
    assert world.press(Verb.APPROVE, own, "lead").is_refusal
    for flag in ("is_guest", "is_bot", "is_stranger", "is_deactivated"):
        assert world.press(Verb.APPROVE, run, "finance", **{flag: True}).is_refusal
    for _ in range(2):
        world.press(Verb.APPROVE, run, "finance")
    assert world.approvals(run) == ["Ann Weiss"]
    assert world.run(run.id).status is Status.WAITING


def test_5_a_write_happens_at_most_once_for_each_intent(world: Any) -> None:
    run = world.ask(SMALL)
    for operation in ("payments.refund", "orders.add_note", "tickets.update"):
        faults.set_fault(world.desk, "time_out_after_write", operation=operation)
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.desk_rows("SELECT count(*) FROM writes") == [(3,)]
    assert world.refunds() == [4_000]


@pytest.mark.parametrize("kind", [Kind.REQUEST, Kind.PLAN, Kind.APPROVAL, Kind.OUTCOME])
def test_6_the_entry_and_the_state_commit_together_or_not_at_all(
    world: Any, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ledger.append_many, ledger.append

    def refuse(entries: Any) -> None:
        if any(entry.kind is kind for entry in entries):
            raise StoreError("the ledger cannot be written")

    def append_many(tx: Any, entries: Any, now: Any) -> Any:
        refuse(entries)
        return real[0](tx, entries, now)

    def append(tx: Any, entry: Entry, now: Any) -> Any:
        refuse([entry])
        return real[1](tx, entry, now)

    run = None if kind in {Kind.REQUEST, Kind.PLAN} else world.ask(SMALL)
    before = state_of(world)
    monkeypatch.setattr(ledger, "append_many", append_many)
    monkeypatch.setattr(ledger, "append", append)
    act = {
        Kind.REQUEST: lambda: world.say(SMALL),
        Kind.PLAN: lambda: world.say(SMALL),
        Kind.APPROVAL: lambda: world.press(Verb.APPROVE, run, "lead"),
        Kind.OUTCOME: lambda: world.press(Verb.CANCEL, run, "agent"),
    }[kind]
    with pytest.raises(StoreError):
        act()
    after = state_of(world)
    if kind is Kind.PLAN:  # the request was stored before; the plan was not
        assert world.run(world.last_id()).status is Status.RECEIVED
        assert world.run(world.last_id()).proposal is None
    else:
        assert after == before
    assert is_whole(world)


def state_of(world: Any) -> list[tuple[Any, ...]]:
    """Everything that a verb may change, row by row."""
    rows: list[tuple[Any, ...]] = []
    with world.assent.db.read() as cx:
        for table in ("runs", "approvals", "steps", "deliveries", "ledger_entries"):
            rows += [tuple(row) for row in cx.execute(text(f"SELECT * FROM {table}"))]
    return [row for row in rows if not str(row[1]).startswith("adopted:")]  # no change of a run


def test_6_the_ledger_has_no_update_and_no_delete(world: Any) -> None:
    world.ask(SMALL)
    for statement in (
        "UPDATE ledger_entries SET leaf = '{}' WHERE seq = 2",
        "DELETE FROM ledger_entries WHERE seq = 2",
        "REPLACE INTO ledger_entries SELECT * FROM ledger_entries WHERE seq = 2",
    ):
        with pytest.raises(StoreError), world.assent.db.begin() as tx:
            tx.execute(text(statement))
    assert not {name for name in dir(ledger) if "update" in name or "delete" in name}
    assert is_whole(world)


def is_whole(world: Any) -> bool:
    with world.assent.db.read() as cx:
        return bool(verify(cx).is_whole)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["socket", "http"])
def test_7_no_secret_is_in_anything_that_is_written(tmp_path: Path, mode: Any) -> None:
    """A story with everything that goes wrong, at the most talkative log level; then all that was
    written is searched for every secret that the processes held."""
    from tests.bot.wire.conftest import Play

    play = Play(tmp_path / "state", mode, ASSENT_LOG_LEVEL="DEBUG")
    try:
        run = play.ask(SMALL)
        faults.set_fault(play.desk, "lose_permission", operation="tickets.update")
        play.faults("error", 1, "chat.update")
        play.approve(run, "lead", status="compensated")
        play.people.command("/assent status", "agent")
        play.people.home("lead")
        play.ask("refund order 999999", "agent", "random", status="asking")
        play.until_card(run, "TAKEN BACK")
        secrets = secrets_of(play)
        said = json.dumps([play.messages(), play.views()])
    finally:
        play.close()
    assert len(secrets) >= 6
    written = {path.name: path.read_bytes() for path in play.state.rglob("*") if is_written(path)}
    written |= {"the log": play.log.read_bytes(), "what the workspace shows": said.encode()}
    assert "assent.db" in written
    assert b" DEBUG " in written["the log"]  # the log really is at its most talkative
    for name, content in written.items():
        found = [which for which, secret in secrets.items() if secret.encode() in content]
        assert not found, f"{found} stands in {name}"


def is_written(path: Path) -> bool:
    """All but the files that are made to hold keys and credentials."""
    return path.is_file() and not (
        path.name.endswith((".key", ".json")) or path.name.startswith(("workspace.sqlite", "desk."))
    )


def secrets_of(play: Any) -> dict[str, str]:
    from connectors.desk.embedded import credential

    names = ("bot_token", "app_token", "signing_secret", "page_token")
    told = {name: str(play.told[name]) for name in names}
    accounts = ("desk-reader", "desk-refunds", "desk-orders")
    desk = {name: credential(play.desk, name).secret for name in accounts}
    return {**told, **desk}


def test_8_every_foreign_text_is_escaped_for_the_surface(world: Any) -> None:
    with sqlite3.connect(world.desk) as desk:
        desk.execute(
            "UPDATE notes SET text = '<!channel> *x* <https://e.vil|bank>' WHERE order_id = '1043'"
        )
    run = world.ask(f"{SMALL} <!here> <@U1>")
    shown = card_text(world, run)
    for live in ("<!channel", "<!here", "<@U1", "<https://e.vil"):
        assert live not in shown
    assert "&lt;!channel&gt;" in shown


def test_9_a_run_stops_at_its_bound_and_says_so(world: Any) -> None:
    workflow = world.assent.catalogue().workflows["refund"]
    tight = workflow.model_copy(
        update={"budget": workflow.budget.model_copy(update={"tool_calls": 6})}
    )
    world.assent.catalogue().bundle.workflows["refund"] = tight
    run = world.ask(SMALL)
    run = world.approve(run, "lead") if run.status is Status.WAITING else run
    assert run.status in {Status.FAILED, Status.COMPENSATED}
    assert "6 calls" in run.note
    assert world.refunds() == []
    assert "6 calls" in card_text(world, run)


@pytest.mark.slow
def test_10_a_kill_loses_no_request_no_approval_and_no_button(made: Path, tmp_path: Path) -> None:
    """Killed after a request was received, after it waited, and while it ran."""
    state = tmp_path / "state"
    shutil.copytree(made, state)
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from bot.incoming import Verb\n"
        "from bot.planner.rules import RulesPlanner; from tests.bot.conftest import World\n"
        "world = World(Path(sys.argv[1]), RulesPlanner(), {})\n"
        "what, die = sys.argv[2], lambda: os.kill(os.getpid(), signal.SIGKILL)\n"
        "if what == 'received':\n"
        f"    world.plan = die; world.say({SMALL!r})\n"
        "if what == 'planned':\n"
        "    world.plan(); die()\n"
        "run = world.run(world.last_id())\n"
        "if what == 'approved':\n"
        "    world.press(Verb.APPROVE, run, 'lead'); die()\n"
        "print(world.settled(run, 60).status.value); world.assent.close()\n"
    )

    def process(what: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script, str(state), what],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
            env=dict(os.environ),
        )

    for what in ("received", "planned", "approved"):
        assert process(what).returncode == -signal.SIGKILL
    done = process("finish")
    assert done.stdout.strip() == "applied", done.stderr
    with sqlite3.connect(state / "desk.db") as desk:
        assert desk.execute("SELECT count(*) FROM writes").fetchone() == (3,)


def test_11_a_settled_card_shows_its_state_and_has_no_live_buttons(world: Any) -> None:
    applied = world.approve(world.ask(SMALL), "lead")
    rejected = world.ask("refund $1 on order 1063, late")
    world.press(Verb.REJECT, rejected, "lead", text="no")
    cancelled = world.ask("refund $1 on order 1066, late")
    world.press(Verb.CANCEL, cancelled, "agent")
    denied = world.ask("raise Dana's salary")
    for run, badge in (
        (applied, "DONE"),
        (rejected, "REJECTED"),
        (cancelled, "CANCELLED"),
        (denied, "NOT DONE"),
    ):
        assert world.run(run.id).status in SETTLED
        card = run_card(world.assent.reading.view(run.id))
        assert card.badge.text == badge
        assert [button.action.value for button in card.buttons] == ["details"]


def test_12_what_the_card_shows_is_what_is_executed(world: Any) -> None:
    run = world.ask(SMALL)
    card = run_card(world.assent.reading.view(run.id))
    shown = {(g.resource, c.field, c.before, c.after) for g in card.groups for c in g.lines}
    assert ("payment pay_7731", "refunded", "$0.00", "$40.00") in shown
    run = world.approve(run, "lead")
    assert run.status is Status.APPLIED
    after = run_card(world.assent.reading.view(run.id))
    observed = {(g.resource, c.field, c.before, c.after) for g in after.groups for c in g.lines}
    assert observed == shown
    assert not any(line.note for group in after.groups for line in group.lines)
    [(refunded, status)] = world.desk_rows(
        "SELECT refunded_minor, status FROM payments WHERE id = 'pay_7731'"
    )
    assert (refunded, status) == (4_000, "partly refunded")
    with world.assent.db.read() as cx:
        entries = ledger.show(cx, run.id)
    [plan] = [entry for entry in entries if entry.kind is Kind.PLAN]
    signed = {entry.data["digest"] for entry in entries if entry.kind is Kind.APPROVAL}
    assert signed == {plan.data["digest"]} == {run.proposal.digest}
    approve = next(b for b in card.buttons if b.action.value == "approve")
    assert approve.value == f"{run.id}:{run.proposal.digest}"
