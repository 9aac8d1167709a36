"""A process to be killed while a plan is changed: the real store, planner, desk and flow.

ask FOLDER       leaves a refund of $40 waiting
edit FOLDER N    changes it to $30 and dies at its N-th commit that writes
recover FOLDER   starts again, shows what is to be shown, and has it approved

Prints one line of JSON about how it ended, when it was not killed.
"""

from __future__ import annotations

import json
from pathlib import Path

import approver


def main(what: str, folder: Path, commits_left: int) -> None:
    conftest = approver._conftest()
    from bot.planner.rules import RulesPlanner

    world = conftest.World(folder, RulesPlanner(), {})
    counted = [0]
    if what == "ask":
        run = world.ask("refund $40 on order 1043, arrived damaged")
    run = world.run(world.last_id())
    if what == "edit":
        counted = approver._die_at_commit(commits_left)
        run = world.edit(run, "lead", amount="$30")
    if what == "recover":
        world.plan()
        assert world.run(run.id).status.value == "waiting"
        refused = world.press(conftest.Verb.APPROVE, run, "lead2", digest="0" * 64).is_refusal
        assert refused
        run = world.approve(run, "lead2")
    print(
        json.dumps(
            {
                "status": run.status.value,
                "round": run.proposal.round,
                "edited_by": run.proposal.edited_by,
                "refunds": world.refunds(),
                "commits": counted[0],
            }
        ),
        flush=True,
    )
    world.assent.close()
