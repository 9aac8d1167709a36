"""No secret of the process is in anything that it kept, showed, logged or raised, over whole runs
that end well and runs that do not. What a model is told is in tests/bot/planner/test_wire_flow.py,
what each connector says is in tests/connectors/test_canary.py."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bot.cards import adaptive, block_kit, text
from bot.cards.details import details
from bot.cards.run_card import run_card
from bot.cards.summary import summary
from bot.settings import BUNDLE_SHIPPED
from connectors.desk import faults
from connectors.desk.embedded import secrets_of
from connectors.desk.session import secret_sha256
from connectors.errors import Rejected
from store.model.run import SETTLED, Status

pytestmark = pytest.mark.slow
SMALL = "refund $40 on order 1043, arrived damaged"
ENVIRON = {
    "ASSENT_SLACK_BOT_TOKEN": "xoxb-canary-11111",
    "ASSENT_SLACK_APP_TOKEN": "xapp-canary-22222",
    "ASSENT_TEAMS_APP_ID": "7d1f0a52-0000-4000-8000-0000000a55e7",
    "ASSENT_TEAMS_APP_SECRET": "teams-canary-44444",
    "ASSENT_TEAMS_TENANT": "7d1f0a52-0000-4000-8000-00000000aa01",
    "ASSENT_ANTHROPIC_API_KEY": "sk-ant-canary-55555",
}
IN_FILE = "file-canary-66666"
OWN_PLACES = {"desk.keys.json", "ledger.key"}  # where a secret is kept is where it may be


@pytest.fixture
def canaries(
    tmp_path: Path,
    make_world: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Any]:
    """A world whose refunding account's secret is in a file; judged at the end of the test."""
    folder = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))
    secret = tmp_path / "refunds.secret"
    secret.write_text(IN_FILE)
    path = folder / "bundle.yml"
    named = path.read_text().replace("env:ASSENT_DESK_REFUNDS_SECRET", f"file:{secret}")
    path.write_text(named)
    with caplog.at_level(logging.DEBUG):
        world = make_world(ASSENT_BUNDLE=str(folder), **ENVIRON)
        with sqlite3.connect(world.desk) as desk:
            desk.execute(
                "UPDATE accounts SET secret_sha256 = ? WHERE name = 'desk-refunds'",
                (secret_sha256(IN_FILE),),
            )
        world.secret_file = secret
        yield world
    streams = capfd.readouterr()
    said = [*_stored(world.folder), *_shown(world), *_represented(world)]
    said += [caplog.text, streams.out, streams.err]
    said += [repr(vars(record)) for record in caplog.records]
    hidden = [value for name, value in ENVIRON.items() if "canary" in value]
    secrets = {*secrets_of(world.desk).values(), IN_FILE, *hidden}
    assert len(secrets) > 6
    found = [(s, t[max(t.index(f) - 60, 0) :][:200]) for s in secrets for f in _forms(s)
             for t in said if f in t]  # fmt: skip
    assert found == []
    assert sum(len(each) for each in said) > 100_000, "hardly anything was looked at"


def _forms(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), b64encode(secret.encode()).decode().rstrip("=")}


def _stored(folder: Path) -> Iterator[str]:
    """Every file of the state folder, and every row of its databases."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in OWN_PLACES:
            yield path.read_bytes().decode("latin-1")
    for path in folder.glob("*.db"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            yield "\n".join(database.iterdump())


def _shown(world: Any) -> Iterator[str]:
    """Every run's cards on both surfaces and in the terminal."""
    for number in range(1, int(world.last_id().removeprefix("R-")) - 999):
        view = world.assent.reading.view(f"R-{1000 + number}")
        cards = [run_card(view), *details(view)]
        cards += [summary(view)] if view.run.status in SETTLED else []
        for card in cards:
            yield json.dumps(block_kit.render(card).blocks, default=str, ensure_ascii=False)
            yield str(adaptive.render(card))
            yield text.render(card, UTC, {})
        yield repr(view)


def _represented(world: Any) -> Iterator[str]:
    catalogue = world.assent.catalogue()
    yield repr(world.assent.settings)
    yield repr(vars(catalogue).get("bundle"))
    for name, connection in catalogue.bundle.settings.connections.items():
        yield repr(connection)
        try:
            yield repr(catalogue._credential(connection))
            yield repr(catalogue.identify(name))
        except Rejected as refused:
            yield repr(refused)


def test_runs_that_end_well_keep_no_secret(canaries):
    world = canaries
    done = world.approve(world.ask(SMALL), "lead")
    assert done.status is Status.APPLIED
    assert world.approve(world.ask("cancel order 1066, ordered twice"), "lead").status in SETTLED
    world.ask("refund $9000 on order 1043, arrived damaged")
    world.ask("what is the weather")


@pytest.mark.parametrize(
    "kind", ["refuse", "rate_limit", "time_out_after_write", "unavailable", "lose_permission"]
)
def test_runs_that_fail_keep_no_secret(canaries, kind):
    world = canaries
    run = world.ask(SMALL)
    faults.set_fault(world.desk, kind, operation="payments.refund", call="execute", seconds=0.01)
    assert world.approve(run, "lead").status is not Status.RUNNING


@pytest.mark.parametrize("secret", [f"{IN_FILE}-but-wrong", "\n"])
def test_a_secret_that_is_refused_is_not_kept(canaries, secret):
    world = canaries
    run = world.ask(SMALL)
    canaries.secret_file.write_text(secret)
    assert world.approve(run, "lead").status is Status.FAILED
