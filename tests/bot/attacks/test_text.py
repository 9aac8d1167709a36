"""Text: what looks like a name is not the name. Ids are compared, and roles letter by letter."""

from __future__ import annotations

from typing import Any

import pytest

from bot.incoming import Verb
from store.model.run import Status
from tests.bot.attacks.witness import SMALL, Witness

pytestmark = pytest.mark.slow  # each is fast, all together are not

LOOK_ALIKES = {
    "homoglyph": "supp\u043ert-leads",
    "composed-and-decomposed": "support-le\u0061\u0301ds",
    "compatibility-form": "\uff53upport-leads",
    "ligature": "support\u2010leads",
    "zero-width": "support-leads\u200b",
    "zero-width-inside": "support\u2060-leads",
    "direction-mark": "\u202esdael-troppus",
    "case": "Support-Leads",
    "trailing-space": "support-leads ",
    "soft-hyphen": "support\u00ad-leads",
}


@pytest.mark.parametrize("kind", LOOK_ALIKES)
def test_a_group_that_looks_like_the_approvers(world: Any, witness: Witness, kind: str) -> None:
    world.directory.roles["U0EVE"] = ("Lee Park", ("support", LOOK_ALIKES[kind]))
    run = world.ask(SMALL)
    witness.refused(world.press(Verb.APPROVE, run, "U0EVE"), "a support lead")
    assert world.run(run.id).status is Status.WAITING
    witness.nothing_was_written()


@pytest.mark.parametrize("role", ["supp\u043ert", "Support", "support\u200b", "\uff53upport"])
def test_a_group_that_looks_like_those_who_may_ask(world: Any, witness: Witness, role: str) -> None:
    world.directory.roles["U0EVE"] = ("Dana Okafor", (role,))
    witness.turned_down(world.ask(SMALL, "U0EVE"), "support")


def test_a_person_with_anothers_name(world: Any, witness: Witness) -> None:
    world.directory.roles["U0EVE"] = ("Lee Park", ())
    run = world.ask(SMALL)
    witness.refused(world.press(Verb.APPROVE, run, "U0EVE"), "a support lead")
    world.directory.roles["U0DANA2"] = ("Dana Okafor", ("support",))
    witness.refused(world.press(Verb.CANCEL, run, "U0DANA2"), "Only Dana Okafor")
    assert world.run(run.id).status is Status.WAITING
    witness.nothing_was_written()


@pytest.mark.parametrize(
    "order",
    [
        "104\uff13",
        "1043\u200b9",
        "10\u200b43",
        "\u0661\u0660\u0664\u0663",
        "1O43",
        "l043",
        "1043\u0301",
    ],
)
def test_an_order_that_looks_like_another(world: Any, witness: Witness, order: str) -> None:
    """Either it is no order at all, or it is 1043 and the card says so before anybody signs."""
    run = world.ask(f"refund $40 on order {order}, arrived damaged")
    if run.status is Status.WAITING:
        assert run.proposal.plan.steps[0].params["payment"] == "pay_7731"
        assert run.proposal.seen[0].resource == "payment pay_7731"
        witness.nothing_was_written()
    else:
        witness.not_planned(run)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("bundle.yml", "support-leads: {group", "supp\u043ert-leads: {group"),
        ("policies/refunds.yml", "role: support-leads", "role: supp\u043ert-leads"),
        ("policies/refunds.yml", "role: support-leads", "role: Support-Leads"),
        ("policies/common.yml", "channels: [support-ops]", "channels: [support-ops\u200b]"),
        ("policies/notes.yml", "policy: notes", "policy: \uff4eotes"),
    ],
    ids=["role", "requirement", "requirement-case", "value", "policy"],
)
def test_a_bundle_with_look_alikes(watched: Any, file: str, old: str, new: str) -> None:
    before = watched.world.assent.catalogue()
    watched.edit((file, old, new))
    assert file.rpartition("/")[2] in watched.refusal
    assert watched.world.assent.catalogue() is before
    watched.witness.nothing_was_written()


@pytest.mark.slow
@pytest.mark.parametrize("handle", ["support-le\u0430ds", "Support-Leads", "support-leads\u200b"])
def test_a_user_group_that_looks_like_the_approvers_over_the_wire(play: Any, handle: str) -> None:
    """Somebody makes a group of their own in Slack and names it like the one that approves."""
    group_named(play, "S0EVE000000", handle, ["agent2"])
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged")
    play.press("Approve", "agent2", run)
    play.heard("agent2", "support lead")
    assert play.run(run).status.value == "waiting"
    assert play.is_ledger_whole()


def group_named(play: Any, group_id: str, handle: str, members: list[str]) -> None:
    """A user group as the workspace's own store keeps it."""
    import json
    import sqlite3
    from contextlib import closing

    from tests.bot.wire.conftest import USERS

    path = play.playground.workspace_folder / "workspace.sqlite"
    with closing(sqlite3.connect(path, timeout=10)) as workspace, workspace:
        columns = [row[1] for row in workspace.execute("PRAGMA table_info(user_groups)")]
        assert columns, "the workspace keeps its user groups in a table of that name"
        [document] = workspace.execute(
            "SELECT document FROM user_groups WHERE id = 'S0SUPLEADS0'"
        ).fetchone()
        group = json.loads(document) | {
            "id": group_id,
            "handle": handle,
            "users": [USERS[name] for name in members],
        }
        workspace.execute(
            "INSERT OR REPLACE INTO user_groups (id, handle, document) VALUES (?, ?, ?)",
            (group_id, handle, json.dumps(group)),
        )
