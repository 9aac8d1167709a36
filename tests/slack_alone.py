"""The shipped bundle.yml as it is for a team that has Slack alone: what most edits of tests start
from."""

from __future__ import annotations

import re


def slack_alone(text: str) -> str:
    """bundle.yml without what it says of Teams, and without people: each has one account then."""
    text = re.sub(r', teams_roster: "[^"]*"', "", text)
    text = re.sub(
        r"# One human counts once.*?(?=\n# What may be asked where)", "", text, flags=re.S
    )
    text = re.sub(r'ids: \[(C0[A-Z]+), "19:[^"]*"\]', r"ids: [\1]", text)
    text = text.replace("    linked: true\n", "")
    assert "19:" not in text, text
    assert "people:" not in text, text
    return text
