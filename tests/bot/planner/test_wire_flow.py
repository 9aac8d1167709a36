"""The whole flow over the wire to a strict stand-in, and every byte that it sent."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.catalogue import load_catalogue
from bot.planning import planner_for
from bot.settings import BUNDLE_SHIPPED, from_environment
from connectors.desk.embedded import credential
from policies.planner_section import Price
from store import ledger
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.conftest import ROLES, World
from tests.model_server import ModelServer, Step, says, status, uses

pytestmark = pytest.mark.slow  # the SDK takes seconds to import

KEY = "sk-ant-canary-5f0e"
ASKED = "the folks with order 1043 got it smashed to bits, give them $40 of their cash"
SECRETS = {
    "ASSENT_SLACK_BOT_TOKEN": "xoxb-canary-1",
    "ASSENT_SLACK_APP_TOKEN": "xapp-canary-2",
    "ASSENT_SLACK_SIGNING_SECRET": "signing-canary-3",
    "ASSENT_TEAMS_APP_ID": "7d1f0a52-0000-4000-8000-0000000a55e7",
    "ASSENT_TEAMS_APP_SECRET": "teams-canary-4",
    "ASSENT_TEAMS_TENANT": "7d1f0a52-0000-4000-8000-00000000aa01",
    "ASSENT_BILLING_SECRET": "billing-canary-5",
    "ASSENT_BILLING_ADDRESS": "https://billing-canary-6.example",
    "SOMETHING_ELSE_SECRET": "other-canary-7",
}
Start = Callable[..., tuple[ModelServer, World]]


def claim(**changes: Any) -> dict[str, Any]:
    """What a model makes of the request above."""
    slots = [
        {"slot": "order", "value": "1043", "words": "1043", "from": "request"},
        {"slot": "amount", "value": "40.00 USD", "words": "$40", "from": "request"},
        {"slot": "reason", "value": "damaged", "words": "smashed to bits", "from": "request"},
    ]
    made = {"kind": "plan", "workflow": "refund", "slots": slots, "asks": "", "why": ""}
    return {**made, **changes}


@pytest.fixture
def start(tmp_path: Path, made: Path) -> Iterator[Start]:
    """An Assent whose model is scripted, by the settings of a real start."""
    ended: list[Callable[[], object]] = []

    def begin(*script: Step, repeats: bool = False, **environ: str) -> tuple[ModelServer, World]:
        server = ModelServer(KEY, script, repeats=repeats).__enter__()
        ended.append(server.__exit__)
        told = {
            **environ,
            "ASSENT_ANTHROPIC_API_KEY": KEY,
            "ASSENT_ANTHROPIC_API_BASE": server.url,
        }
        folder = tmp_path / f"state{len(ended)}"
        shutil.copytree(made, folder)
        world = World(folder, planner_for(from_environment(told)), told)
        ended.append(world.assent.close)
        return server, world

    yield begin
    for end in reversed(ended):
        end()


def test_what_the_rules_do_not_understand_becomes_a_plan_with_its_price(start: Start) -> None:
    server, world = start(
        uses(("orders_find", {"words": "1043"}), thinking="which?"), says(claim())
    )
    run = world.ask(ASKED)
    assert run.status is Status.WAITING, run.note
    assert server.faults == []
    assert len(server.received) == 2
    with world.assent.db.read() as cx:
        entries = [e.data for e in ledger.show(cx, run.id) if e.kind is Kind.MODEL]
    assert [e["stop_reason"] for e in entries] == ["tool_use", "end_turn"]
    assert entries[0]["cache_write_tokens"] == entries[1]["cache_read_tokens"] > 0
    section = world.assent.catalogue().bundle.settings.planner
    assert section is not None
    assert [e["cost_micro_usd"] for e in entries] == [
        _cost(section.prices[section.model], e) for e in entries
    ]
    assert run.cost_micro_usd >= sum(e["cost_micro_usd"] for e in entries) > 0
    world.approve(run, "lead")
    assert world.refunds() == [4_000]


def test_every_turn_that_is_taken_up_again_is_one_that_the_service_takes(start: Start) -> None:
    reads = (("orders_find", {"words": "1043"}), ("payments_refund", {"payment": 7}))
    server, world = start(
        says("Let me see.", stop_reason="pause_turn"),
        uses(*reads, thinking="which?", is_sound=False),
        says('{"kind": "pl', stop_reason="max_tokens"),
        says(claim(workflow="")),
        says(claim()),
    )
    run = world.ask(ASKED)
    assert server.faults == []
    assert len(server.received) == 5
    assert run.status is Status.WAITING, run.note


def test_what_the_rules_understand_costs_nothing(start: Start) -> None:
    server, world = start()
    assert world.ask("refund $40 on order 1043, arrived damaged").status is Status.WAITING
    assert server.bytes_received == b""


@pytest.mark.parametrize("fault", [status(401), status(529, retry_after="3600")])
def test_a_model_that_cannot_be_asked_leaves_the_rules_and_says_so(
    start: Start, fault: Step
) -> None:
    _, world = start(fault, repeats=True)
    run = world.ask(ASKED)
    assert run.status is Status.DENIED
    assert "language model" in run.note
    assert KEY not in run.note


def test_each_planning_holds_to_the_bundle_that_is_in_force(start: Start, tmp_path: Path) -> None:
    server, world = start(says(claim()), says(claim()))
    world.ask(ASKED)
    folder = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "desk"))
    (folder / "prompts" / "planner.md").write_text("Read the request. This is the new prompt.")
    settings = folder / "bundle.yml"
    settings.write_text(settings.read_text().replace("output_tokens: 4096", "output_tokens: 777"))
    old = world.assent.catalogue()
    world.assent.in_force.put(load_catalogue(folder, "sandbox", old._environ))
    world.ask(f"once more: {ASKED}", "agent2")
    first, second = (received.body for received in server.received)
    assert "the new prompt" not in str(first["system"])
    assert "the new prompt" in str(second["system"])
    assert (first["max_tokens"], second["max_tokens"]) == (4096, 777)


def test_no_secret_and_nothing_of_others_is_in_any_byte_that_is_sent(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    reads = (("orders_find", {"words": "1043"}), ("tickets_update", _ticket("T-882")))
    nothing = claim(kind="refusal", workflow="", slots=[], why="unclear")
    question = claim(kind="question", asks="reason", slots=claim()["slots"][:2])
    server, world = start(
        *(says(nothing), says(nothing)),  # to the others
        *(uses(*reads, thinking="which?"), says(question), says(claim())),
        *(says({"kind": "refusal"}, is_sound=False), says(claim(workflow="x"), is_sound=False)),
        *(status(500), says("garbage", is_sound=False), says(stop_reason="max_tokens")),
        *(says(claim()),),
        repeats=True,
        **{name: value for name, value in SECRETS.items() if name.startswith("ASSENT_")},
    )
    with sqlite3.connect(world.desk) as desk:
        desk.execute("UPDATE notes SET text = 'canary-record' WHERE order_id <> '1043'")
        desk.execute("UPDATE customers SET name = 'canary-customer' WHERE id <> 'cus_acme'")
    elsewhere = world.ask("canary-other-channel refund", "outsider", channel="C0RANDOM000")
    world.ask("canary-other-thread: who knows", "finance")
    seen = len(server.bytes_received)
    run = world.ask(ASKED)
    world.say("it came broken", thread=run.request.message)
    for number in range(3):
        world.ask(f"order 1043 wants ${number + 5}, all squashed", "agent2")
    assert elsewhere.status is Status.DENIED
    assert server.faults == []
    assert len(server.received) > 9

    sent = server.bytes_received
    held = sent.count(KEY.encode())
    assert held == sent.lower().count(b"\r\nauthorization: bearer " + KEY.lower().encode())
    assert held == len(server.received)
    for what, secret in _secrets(world).items():
        assert secret.encode() not in sent, what
    theirs = sent[seen:]
    for canary in (b"canary-record", b"canary-customer", b"canary-other"):
        assert canary not in theirs
    others = {name for name, _ in ROLES.values()} - {"Dana Okafor", "Sam Field"}
    for foreign in (*others, *_of_bundle(world), str(world.folder)):
        assert foreign.encode() not in theirs, foreign


def _ticket(number: str) -> dict[str, Any]:
    return {"ticket": number, "status": "solved"}


def _secrets(world: World) -> dict[str, str]:
    """Everything that this process holds and that is nobody's business outside."""
    accounts = ("desk-reader", "desk-refunds", "desk-orders")
    desk = {name: credential(world.desk, name).secret for name in accounts}
    keys = {path.name: path.read_text("latin-1") for path in world.folder.glob("*.key")}
    environ = {name: value for name, value in os.environ.items() if len(value) >= 8}
    return {**environ, **SECRETS, **desk, **keys}


def _of_bundle(world: World) -> list[str]:
    """What the bundle says about people and accounts, which a model need not know."""
    settings = world.assent.catalogue().bundle.settings
    people = [account for human in settings.people.values() for account in human.accounts]
    ids = [each for channel in settings.channels.values() for each in channel.ids]
    roles = [role for role in settings.roles if "-" in role]  # "support" is a word of the prompt
    return [*roles, *settings.connections, *people, *ids, "ops-digest"]


def _cost(price: Price, entry: dict[str, Any]) -> int:
    """By hand, from the list: dollars for a million are micro-dollars for one."""
    exact = sum(
        float(getattr(price, kind)) * entry[f"{kind}_tokens"]
        for kind in ("input", "output", "cache_write", "cache_read")
    )
    return -int(-exact // 1)
