"""Which message the terminal means when it is told a run."""

from __future__ import annotations

from typing import Any

from bot.workspace.cards import find_message


def message(ts: str, text: str, value: str = "", **more: object) -> dict[str, Any]:
    button = {"type": "button", "action_id": "details", "value": value}
    button["text"] = {"type": "plain_text", "text": "Details"}
    block = {"type": "actions", "block_id": f"block-{ts}", "elements": [button]}
    return {"ts": ts, "channel": "C1", "text": text, "blocks": [block] if value else [], **more}


CARD = message("1", "Refund, run R-1001", "R-1001:abc")


def test_a_run_s_own_card_goes_before_what_only_speaks_of_it() -> None:
    report = message("2", "R-1001 Refund: waiting for support leads")
    other = message("3", "R-1001 is exactly this and waits already. run R-1005", "R-1005:")
    for action in (None, "Details"):
        assert find_message([other, report, CARD], "R-1001", action)[0] is CARD


def test_of_several_cards_the_newest_and_of_none_whatever_speaks_of_it() -> None:
    newer = message("2", "Refund, run R-1001", "R-1001:def")
    assert find_message([newer, CARD], "R-1001", None)[0] is newer
    report = message("2", "R-1002 Refund: done")
    assert find_message([report, CARD], "R-1002", None)[0] is report


def test_what_everybody_sees_goes_before_what_one_person_sees() -> None:
    private = message("2", "Refund, run R-1001", "R-1001:def", visible_to="U0LEE")
    assert find_message([private, CARD], "R-1001", None)[0] is CARD
