"""What the person reads when nothing comes of a request: why, and what would work here.

A refusal is certain where another reading of the same words must not overrule it, however good it
looks. Too long, reordered, without words of one's own: what people see may not be what it says, or
there is nothing to read. A greeting asks for nothing. Forbidden, taken back, under a condition,
asked as a question: the words of order and amount are the same as in a request that is meant, so no
check of them would notice a model that drops the "don't". An amount that cannot be one: it was
understood. All that is left, "nothing I can do here", says only that the rules know no such words.
"""

from __future__ import annotations

from bot.planner.intent import Tone
from bot.planner.planner import Refuse
from policies.workflow import Workflow
from store.model.request import TEXT_CHARACTERS_MAX

EXAMPLES_MAX = 3
WORKFLOWS_SHOWN_MAX = 10

_WHY: dict[Tone, str] = {
    "question": "I carry out tasks; I do not answer questions about them.",
    "negated": "I read that as something not to do, so I did nothing. Say only what to do.",
    "conditional": "I do a task now or not at all; I cannot wait for a condition.",
    "retracted": "I read that as taken back, so I did nothing.",
}


def too_long(length: int) -> Refuse:
    return Refuse(
        f"Your message has {length:,} characters; I read up to {TEXT_CHARACTERS_MAX:,}. "
        "Write what is to be done in a sentence or two.",
        "invalid",
        is_certain=True,
    )


def reordered() -> Refuse:
    return Refuse(
        "Your message holds hidden marks that change the direction of text, so what people see may "
        "not be what it says. Type it again without pasting.",
        "invalid",
        is_certain=True,
    )


def nothing_said(workflows: tuple[Workflow, ...]) -> Refuse:
    return Refuse(
        f"I found no words of your own in that message. {abilities(workflows)}",
        "not understood",
        is_certain=True,
    )


def wrong_tone(tone: Tone, workflows: tuple[Workflow, ...]) -> Refuse:
    return Refuse(f"{_WHY[tone]} {abilities(workflows)}", "not understood", is_certain=True)


def greeting(workflows: tuple[Workflow, ...]) -> Refuse:
    """The answer to "hello" and "help"."""
    return Refuse(abilities(workflows), "out of scope", is_certain=True)


def out_of_scope(workflows: tuple[Workflow, ...]) -> Refuse:
    return Refuse(f"That is nothing I can do here. {abilities(workflows)}", "out of scope")


def nothing_known(thing: str, workflows: tuple[Workflow, ...]) -> Refuse:
    """The answer to "cancel my subscription" where no workflow is about one."""
    return Refuse(f"I know no “{thing}” here. {abilities(workflows)}", "out of scope")


def not_wanted() -> Refuse:
    """The answer to "none of these" when it was asked which task is meant."""
    return Refuse("Then I did nothing. Say what is wanted in other words.", "not understood", True)


def abilities(workflows: tuple[Workflow, ...]) -> str:
    """ "In this channel I can: refund a payment, cancel an order. For example: ..." """
    if not workflows:
        return "In this channel I can do nothing yet; an admin may turn tasks on for it."
    shown = workflows[:WORKFLOWS_SHOWN_MAX]
    titles = ", ".join(w.title[:1].lower() + w.title[1:] for w in shown)
    says = [next((e.say for e in w.examples if e.plan), "") for w in shown[:EXAMPLES_MAX]]
    examples = "; ".join(f"“{' '.join(say.split())}”" for say in says if say)
    return f"In this channel I can: {titles}." + (f" For example: {examples}." if examples else "")
