"""Whether words stand for themselves: a whole request, or something said to another's question."""

from __future__ import annotations

from bot.planner.intent import intent
from bot.planner.normalise import hear
from bot.planner.tokens import tokenize
from policies.workflow import Workflow


def names_a_task(text: str, workflows: tuple[Workflow, ...]) -> bool:
    """Whether the words ask for something that these workflows do. Pure: the rules alone, because
    it is asked before anything is stored."""
    heard = hear(text)
    if heard.is_reordered:
        return False
    meant = intent(tokenize(heard.text), workflows)
    return bool(meant.workflows) and meant.tone == "request"
