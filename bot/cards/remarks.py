"""What people said about a waiting plan, and what they changed in it. Pure."""

from __future__ import annotations

from bot.cards.model import Moment, Strong, Words
from bot.cards.phrases import counted, joined, spaced
from bot.view import RunView
from store.model.run import Remark

REMARKS_MAX = 4  # the newest ones, beside the buttons; Details holds more
REMARK_CHARACTERS_MAX = 240  # of one remark beside the buttons
_SAID = {"question": "asks", "reply": "replies", "new reason": "says what is new"}


def remarks(view: RunView) -> tuple[Words, ...]:
    """The newest questions, replies and new reasons, oldest first, each on its line."""
    said = view.run.remarks
    shown = tuple(remark(each, REMARK_CHARACTERS_MAX) for each in said[-REMARKS_MAX:])
    hidden = len(said) - len(shown)
    return (*(((f"{counted(hidden, 'earlier remark')} in Details",),) if hidden else ()), *shown)


def remark(said: Remark, characters_max: int) -> Words:
    """ "Mira asks 12:45: “is this the second box?”"."""
    cut = len(said.text) > characters_max
    text = said.text[:characters_max] + ("…" if cut else "")
    return (Strong(f"{said.name} {_SAID[said.kind]} "), Moment(said.at, "time"), f": “{text}”")


def open_questions(view: RunView) -> tuple[Remark, ...]:
    """The questions that the requester has not replied to yet; one reply is to all of them."""
    found: tuple[Remark, ...] = ()
    for said in view.run.remarks:
        if said.kind == "question":
            found = (*found, said)
        elif said.kind == "reply":
            found = ()
    return found


def edits(view: RunView) -> Words:
    """Who changed the values, and which steps are left out; empty where nobody did."""
    proposal = view.run.proposal
    if proposal is None or not (proposal.edited_by or proposal.skipped):
        return ()
    who = joined(list(dict.fromkeys(proposal.edited_by)))
    head = f"Edited by {who}" if proposal.edited_by else "Steps were left out"
    note = view.run.note.strip().rstrip(".") or head
    after = "Earlier approvals do not count."
    if proposal.skipped:
        steps = joined([spaced(step) for step in proposal.skipped])
        after += f" Not part of it any more: {steps}."
    if proposal.edited_by:
        earlier = "" if note.startswith(who) else " changed values before and"
        after += f" {who}{earlier} cannot approve it."
    return (Strong(f"{note} "), "at ", Moment(proposal.read_at, "time"), f". {after}")
