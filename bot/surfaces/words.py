"""Every sentence that a surface says by itself, whichever surface it is.

What the flow says comes as replies and cards; what a form says of itself stands in bot.cards.forms.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.batch import Outcome

NOT_READ = "I cannot look that up right now; nothing was done. Try again in a minute."
STORE_AWAY = "I could not record that, so nothing was done. Try again in a minute."
NOT_NOW = "I could not take that just now; nothing was done. Try again in a minute."
STILL_AT_IT = "I am still at it. Nothing is lost: what comes of it is shown here, or said to you."
UNKNOWN_BUTTON = "I do not know that button any more; nothing was done. Ask again if it is needed."
NOT_OPENED = "The window did not open in time; press the button again."
NOT_OPENED_ASKED = "The window did not open in time; ask again."
NOTHING_TO_DO = "There is nothing in that message that I could do."
NOTHING_TICKED = "Nothing was ticked, so nothing was approved."
NOTHING_TOGETHER = "Nothing waits for you that could be reviewed together."
NOT_IN_TEAMS_HERE = "I am not in this conversation. Add Assent to it, then ask again."
IN_OUR_CHAT = "I have answered you in our own chat."
ASK_IN_OUR_CHAT = "I show that to you alone: open your own chat with me, and ask there."
HELLO = "Hello, I am Assent. Mention me and say what you need; I show what will change, then ask."
ASK_FOR_HELP = "Mention me with the word help, and I say what can be asked here."
ONE_MOMENT = "One moment…"

TOGETHER = "Review together"  # the heading of a batch
DETAILS = "Details"
RIGHT, WRONG = "It was right", "It was wrong…"
WAITING = "Waiting for you"
NOTHING_WAITS = "Nothing waits for you."
ASKED = "You asked for"
NOTHING_ASKED = (
    "You have not asked for anything yet. Mention me in a channel, and say what you need."
)
TO_REVIEW = "Ran by itself: was it right?"


def not_for_you(refusal: str) -> str:
    """A window that this account may not see."""
    return f"I cannot show this to you: {refusal}."


def not_from_you(refusal: str) -> str:
    """A command that this account may not give."""
    return f"I cannot do that for you: {refusal}."


def no_requests_from_you(refusal: str) -> str:
    """The page of somebody who may ask for nothing."""
    return f"I cannot take requests from you: {refusal}."


def no_run(run_id: str) -> str:
    """A run that is not there."""
    return f"I know no run {run_id}."


def asks(name: str, *, is_quoted: bool) -> str:
    """Who asked by a command or about a message; what was asked follows where it is quoted."""
    return f"{name} asks:" if is_quoted else f"{name} asks me to do this."


def more(hidden_count: int) -> str:
    """The end of a list that does not show everything."""
    return f"and {hidden_count} more"


def more_afterwards(hidden_count: int) -> str:
    """The end of a batch that does not show everything."""
    return f"and {hidden_count} more; look again afterwards"


def together(count: int) -> str:
    """The button that opens a batch."""
    return f"Review {count} together"


def approve_ticked(ticked_count: int, shown_count: int) -> str:
    """ "Approve all 4", "Approve 3 of 4": the button of a batch, within 24 characters."""
    if ticked_count == shown_count:
        return f"Approve all {shown_count}"
    return f"Approve {ticked_count} of {shown_count}"


def recorded(outcomes: Sequence[Outcome]) -> str:
    """The heading over what became of each line of a batch."""
    return f"{_counted(outcomes)} approvals recorded"


def recorded_unseen(outcomes: Sequence[Outcome]) -> str:
    """The same for somebody who closed the window."""
    return f"{_counted(outcomes)} approvals are recorded; the cards show which."


def _counted(outcomes: Sequence[Outcome]) -> str:
    return f"{sum(not each.reply.is_refusal for each in outcomes)} of {len(outcomes)}"
