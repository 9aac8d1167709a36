"""Being away, as it is said in Slack: mentions are accounts, whatever they show."""

from __future__ import annotations

from typing import Any

import pytest

from bot.surfaces.slack_absence import accounts


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("until 2026-12-01 to <@U0MIRA|mira>", "until 2026-12-01 to slack:U0MIRA"),
        ("to <@U0MIRA> because I &lt;3 sun", "to slack:U0MIRA because I <3 sun"),
        ("to @mira", "to @mira"),
        ("to <@u0mira>", "to <@u0mira>"),
        ("to <@U0MIRA|slack:U0EVIL>", "to slack:U0MIRA"),
        ("", ""),
    ],
)
def test_a_mention_is_an_account(raw: str, told: str) -> None:
    assert accounts(raw) == told


async def test_a_command_of_absence_reaches_the_flow_with_the_id_of_who_was_mentioned(
    one_world: Any,
) -> None:
    text = "/assent away until 2026-12-01 to @Mira Sol because sun"
    said = await one_world.do(one_world.people.command, text, "lead")
    assert "Lee Park is away" in said
    assert "Welcome back" in await one_world.do(one_world.people.command, "/assent back", "lead")
    assert one_world.memory.absences == [
        ("U0LEE000000", "until 2026-12-01 to slack:U0MIRA00000 because sun"),
        ("U0LEE000000", "back"),
    ]
    assert one_world.memory.messages == []


async def test_a_guest_hands_nothing_over(one_world: Any) -> None:
    text = "/assent away until 2026-12-01 to @Mira Sol"
    said = await one_world.do(one_world.people.command, text, "guest")
    assert "guest" in said
    assert one_world.memory.absences == []
