"""Being away, as it is said in Slack: mentions are accounts, whatever they show."""

from __future__ import annotations

from typing import Any

import pytest

from bot.incoming import Reply
from bot.surfaces.slack_absence import absence
from store.model.person import Account

LEE = Account(surface="slack", team="T1", user="U0LEE", display_name="Lee Park")


class Port:
    def __init__(self) -> None:
        self.told: list[str] = []

    def away(self, account: Account, text: str) -> Reply:
        self.told.append(text)
        return Reply("away")

    def back(self, account: Account) -> Reply:
        self.told.append("back")
        return Reply("back")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("away until 2026-12-01 to <@U0MIRA|mira>", "until 2026-12-01 to slack:U0MIRA"),
        ("AWAY until 2026-12-01 to <@U0MIRA> because I &lt;3 sun",
         "until 2026-12-01 to slack:U0MIRA because I <3 sun"),
        ("away", ""),
        ("away to @mira", "to @mira"),
        (" back ", "back"),
    ],
)  # fmt: skip
def test_an_absence_is_told_with_ids(raw: str, told: str) -> None:
    port: Any = Port()
    assert absence(port, LEE, raw) is not None
    assert port.told == [told]


@pytest.mark.parametrize("raw", ["backorder 1043", "awaywards", "back to order 1043", "status", ""])
def test_other_words_are_no_absence(raw: str) -> None:
    port: Any = Port()
    assert absence(port, LEE, raw) is None
    assert port.told == []


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
