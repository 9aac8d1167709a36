"""What people see of autonomy and say to it in the terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.autonomy.ladder import NotPromotedError
from bot.cli import cli
from policies.findings import BundleError
from store.ledger.search import find
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.autonomy.steps import OTHER, SMALL

pytestmark = pytest.mark.slow  # a ladder is climbed run by run


@pytest.fixture
def assent(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command as people give it, over a world's state folder."""

    def run(world: Any, *words: str) -> Any:
        monkeypatch.setenv("ASSENT_BUNDLE", str(world.assent.settings.bundle))
        return CliRunner().invoke(cli, ["autonomy", *words, "--state", str(world.folder)])

    return run


def test_a_running_bot_obeys_what_is_said_in_the_terminal(
    declared: Callable[..., Any], assent: Callable[..., Any]
) -> None:
    world = declared("L3")
    words = ("refund", "--to", "L3", "--as", "Kim", "--because", "it did well")
    refused = assent(world, "promote", *words)
    assert isinstance(refused.exception, NotPromotedError)
    world.approve(world.ask(OTHER), "lead")
    assert "Nothing lacks for L3" in assent(world, "refund").output
    assert "refund is at L3 in sandbox" in assent(world, "promote", *words).output
    assert world.settled(world.ask(SMALL)).status is Status.APPLIED
    down = ("refund", "--to", "L2", "--as", "Kim", "--because", "a complaint")
    assert "refund is at L2 in sandbox" in assent(world, "demote", *down).output
    assert world.ask("refund $10 on order 1066, late").status is Status.WAITING
    assert "Kim: a complaint" in assent(world).output


def test_autonomy_is_taken_away_while_the_bundles_folder_is_broken(
    at_level: Callable[..., Any], assent: Callable[..., Any]
) -> None:
    world = at_level(3)
    (Path(world.assent.settings.bundle) / "policies" / "common.yml").write_text("policy: [")
    words = ("refund", "--as", "Kim", "--because", "something is wrong")
    assert isinstance(assent(world, "demote", *words, "--to", "L3").exception, BundleError)
    said = assent(world, "demote", *words, "--to", "L2").output
    assert "refund is at L2 in sandbox now. The bundle's folder cannot be loaded" in said
    assert world.ask(SMALL).status is Status.WAITING
    with world.assent.db.read() as cx:
        (entry,) = [e for e in find(cx, kind=Kind.AUTONOMY) if not e.data["bundle"]]
    assert entry.sensitive == {"name": "Kim", "because": "something is wrong"}
    again = assent(world, "demote", *words, "--to", "L2").exception
    assert "has earned nothing above L2" in str(again)


def test_all_workflows_are_shown_with_what_they_lack(
    world: Any, assent: Callable[..., Any]
) -> None:
    text = assent(world).output
    for name in ("refund", "cancel-order", "change-address"):
        assert f"{name} is at L2 in sandbox. Its file permits L2, sandbox L3" in text
    assert "0 of the last 0 judged runs" in text
    assert "Its file says autonomy: L2" in text
    assert "no decision of a person" in assent(world, "--shadow").output
    assert "has no workflow nonsense" in str(assent(world, "nonsense").exception)


def test_hostile_words_do_not_reach_the_terminal_as_they_are(
    at_level: Callable[..., Any], assent: Callable[..., Any]
) -> None:
    world = at_level(3)
    world.assent.autonomy.demote("refund", 2, "K\x1b[2Jim", "because\u202e")
    text = assent(world, "refund").output
    assert "\x1b" not in text
    assert "\u202e" not in text
