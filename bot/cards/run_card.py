"""One run as a card: the same shape from the first moment to the last. Pure.

What it shows comes from the stored proposal and journal, which are also what is executed.
"""

from __future__ import annotations

from dataclasses import replace

from bot.cards import press
from bot.cards.authority import authority, checks, is_overtaken
from bot.cards.changes import extent, groups, standing_notes, undo_notes
from bot.cards.fate import badge, notice, settled_facts
from bot.cards.model import Action, Button, Card, Channel, Moment, Strong, Words
from bot.cards.needs import approved_count, needs
from bot.cards.origins import from_whom, origins
from bot.cards.phrases import cost, counted, joined, say_slot, short_digest, spaced
from bot.cards.remarks import open_questions, remarks
from bot.joint.names import is_joint, part_of, parts_of, within, worded
from bot.view import RunView, Stance
from store.model.plan import Proposal, Slot
from store.model.run import SETTLED, Status

CANCEL = "Cancel the request"
CHOICES_MAX = 8  # buttons of a question; a longer list is answered in words
CHOICE_CHARACTERS_MAX = 200  # a longer choice is answered in words
_UNDECIDED = frozenset({Status.WAITING, Status.RUNNING})
_NOTHING_HAPPENED = frozenset(
    {Status.REJECTED, Status.DENIED, Status.EXPIRED, Status.CANCELLED, Status.FAILED}
)
# What somebody's own view offers; a press is judged anew, whatever was offered.
_USABLE = {
    Stance.REQUESTER: frozenset(
        {
            Action.ANSWER,
            Action.ANSWER_FORM,
            Action.REPLY,
            Action.EDIT,
            Action.DETAILS,
            Action.CANCEL,
        }
    ),
    Stance.MAY_APPROVE: frozenset(
        {
            Action.APPROVE,
            Action.REJECT,
            Action.EDIT,
            Action.ASK,
            Action.DETAILS,
            Action.HAPPENED,
            Action.DID_NOT,
            Action.ASK_AGAIN,
        }
    ),
    Stance.HAS_APPROVED: frozenset(
        {Action.REJECT, Action.EDIT, Action.ASK, Action.DETAILS, Action.WITHDRAW}
    ),
    Stance.ONLOOKER: frozenset({Action.DETAILS}),
}


def run_card(view: RunView, stance: Stance | None = None) -> Card:
    """The card of a run as it stands at `view.now`: for everybody in the thread, or with a `stance`
    for one person, without the buttons that this person cannot use."""
    run = view.run
    shown, hidden_fields = groups(view)
    check_lines, hidden_checks = checks(view)
    need_lines, hidden_needs = needs(view) if run.status in _UNDECIDED else ((), 0)
    status = badge(view)
    return Card(
        title=title(view),
        badge=status,
        fallback=f"{title(view)}: {status.text.lower()} ({run.id})",
        now=view.now,
        asked=_asked(view),
        quote=run.request.text,
        notice=notice(view),
        groups_title=_groups_title(view) if shown else "",
        groups_about=extent(view) if shown else "",
        groups=shown,
        more=_more(hidden_fields, hidden_checks, hidden_needs),
        notes=(*standing_notes(view), *undo_notes(view)) if run.status in _UNDECIDED else (),
        authority=authority(view),
        checks=check_lines if _shows_checks(view) else (),
        needs=need_lines,
        facts=_facts(view),
        footer=(_footer(view),),
        buttons=buttons(view, stance),
    )


def _facts(view: RunView) -> tuple[Words, ...]:
    if view.run.status in SETTLED:
        return (settled_facts(view),)
    if view.run.status is Status.ASKING and view.run.slots:
        known = [f"{worded(s.name)} {_worded(s)}{from_whom(s)}" for s in view.run.slots]
        return ((f"Understood so far: {', '.join(known)}",),)
    if view.run.status in _UNDECIDED:
        return (*origins(view.run.slots), *remarks(view))
    return ()


def _worded(slot: Slot) -> str:
    """A slot as people read it: an amount as money, anything else as the plan has it."""
    return say_slot(slot) if isinstance(slot.value, dict | str) else slot.said


def title(view: RunView) -> str:
    """ "Refund a payment · order 1043": the workflow and the record that the person named."""
    name = view.workflow_title or "Request"
    named = record(view)
    return f"{name} · {named}" if named else name


def buttons(view: RunView, stance: Stance | None = None) -> tuple[Button, ...]:
    """What can be done now, by anybody or by one person, who sees none of it in a menu.

    A settled card keeps Details alone, which changes nothing.
    """
    offered = _offered(view)
    if stance is None:
        return offered
    usable = [button for button in offered if button.action in _USABLE[stance]]
    return tuple(replace(button, is_minor=False) for button in usable)


def _offered(view: RunView) -> tuple[Button, ...]:  # noqa: PLR0911 - one match over statuses
    run = view.run
    digest = run.proposal.digest if run.proposal else ""
    signed = press.write(press.Press(run.id, digest))
    this_stop = press.write(press.Press(run.id, digest, str(run.resumes)))
    details = Button(Action.DETAILS, "Details", signed)
    cancel = Button(Action.CANCEL, "Cancel", signed)
    match run.status:
        case Status.RECEIVED:
            return (cancel,)
        case Status.ASKING:  # not "Cancel" alone: the answers may be about cancelling an order
            return (*_answers(view), replace(cancel, label=CANCEL))
        case Status.WAITING:
            return _deciding(view, signed)
        case Status.RUNNING:
            return (details,) if run.is_cancel_requested else (details, cancel)
        case Status.UNKNOWN:
            return (
                Button(Action.HAPPENED, "It happened", this_stop),
                Button(Action.DID_NOT, "It did not", this_stop),
                Button(Action.ASK_AGAIN, "Ask the system again", this_stop),
                details,
            )
        case Status.STUCK:
            return (
                Button(Action.HAPPENED, "It is put right by hand", this_stop),
                Button(Action.ASK_AGAIN, "Try again", this_stop),
                details,
            )
        case _:
            return (details,)


def _deciding(view: RunView, signed: str) -> tuple[Button, ...]:
    """What approvers and the requester can do while a plan waits: four buttons, then a menu.

    On the card that all see, whoever may not is told so when they press.
    """
    is_asked = bool(open_questions(view))
    can_edit = bool(view.fields or view.skippable)
    found = [
        Button(Action.APPROVE, "Approve", signed, "primary"),
        Button(Action.REJECT, "Reject…", signed, "danger"),
    ]
    if is_asked:
        found.append(Button(Action.REPLY, "Reply…", signed))
    elif can_edit:
        found.append(Button(Action.EDIT, "Edit…", signed))
    found.append(Button(Action.DETAILS, "Details", signed))
    if is_asked and can_edit:
        found.append(Button(Action.EDIT, "Edit…", signed, is_minor=True))
    found.append(Button(Action.ASK, f"Ask {_first(view)}…", signed, is_minor=True))
    if any(approval.verdict == "approve" for approval in view.approvals):
        found.append(Button(Action.WITHDRAW, "Take back my approval", signed, is_minor=True))
    found.append(Button(Action.CANCEL, CANCEL, signed, is_minor=True))
    return tuple(found)


def _first(view: RunView) -> str:
    """The requester as a button names them: the first word of the name."""
    return (view.run.requester_name.split() or ["the requester"])[0]


def _answers(view: RunView) -> tuple[Button, ...]:
    """A button for each choice that fits on one, and a form for everything else."""
    question = view.run.question
    if question is None:
        return ()
    run_id = view.run.id
    form = Button(
        Action.ANSWER_FORM,
        "Something else…" if question.choices else "Answer…",
        press.write(press.Press(run_id, question.slot)),
    )
    fitting = [c for c in question.choices if _fits_a_button(c[0])]
    chosen = tuple(
        Button(Action.ANSWER, label, press.write(press.Press(run_id, question.slot, value)))
        for value, label in fitting[:CHOICES_MAX]
    )
    return (*chosen, form)


def _fits_a_button(choice: str) -> bool:
    is_text = not any("\ud800" <= character <= "\udfff" for character in choice)
    return is_text and bool(choice.strip()) and len(choice) <= CHOICE_CHARACTERS_MAX


def _shows_checks(view: RunView) -> bool:
    return view.run.status in _UNDECIDED | {Status.DENIED} and not is_overtaken(view)


def _asked(view: RunView) -> Words:
    return (
        view.run.requester_name,
        " asked in ",
        Channel(view.run.request.place.channel, view.channel),
    )


def _groups_title(view: RunView) -> str:
    match view.run.status:
        case Status.RECEIVED:
            return "Shown until now"
        case Status.APPLIED:
            return "Changed"
        case Status.RUNNING:
            return "Changing"
        case Status.UNKNOWN | Status.STUCK | Status.COMPENSATED | Status.PARTLY_APPLIED:
            return "Step by step"
        case status if status in _NOTHING_HAPPENED:
            return "Would have changed"
        case _:
            return "Will change"


def _more(hidden_fields: int, hidden_checks: int, hidden_needs: int) -> str:
    hidden = (
        (hidden_fields, "more changed field"),
        (hidden_checks, "more check"),
        (hidden_needs, "more requirement"),
    )
    parts = [counted(count, noun) for count, noun in hidden if count]
    return f"{joined(parts)} in Details" if parts else ""


def _footer(view: RunView) -> Words:
    run = view.run
    words: list[str | Moment | Strong | Channel] = []
    if run.status is Status.WAITING and run.proposal:
        words += ["Expires ", Moment(run.proposal.expires_at), " · "]
    if run.status not in SETTLED:
        words.append(f"cost so far {cost(run.cost_micro_usd, run.estimate_micro_usd)} · ")
    words.append(f"run {run.id}")
    if run.proposal:
        words.append(f" · plan {short_digest(run.proposal.digest)}")
    return tuple(words)


def record(view: RunView) -> str:
    """The record that a slot names ("order 1043"), else the first that the plan touches.

    It keeps its name when the step that touches it is left out: a thread speaks of one thing.
    """
    proposal = view.run.proposal
    if proposal is None or not proposal.seen:
        return ""
    workflow = proposal.plan.workflow
    named = [_record(proposal, part) for part in parts_of(workflow)]
    return joined([*dict.fromkeys(name for name in named if name)])


def _record(proposal: Proposal, part: str) -> str:
    """The record of one part of a joint plan, or of the plan that has no parts."""
    plan = proposal.plan
    resources = [seen.resource for seen in proposal.seen]
    if is_joint(plan.workflow):
        owners = [part_of(plan.workflow, step.id) for step in plan.steps]
        pairs = zip(owners, resources, strict=False)
        resources = [resource for owner, resource in pairs if owner == part]
    for slot in plan.slots:
        if part_of(plan.workflow, slot.name) != part:
            continue
        noun = spaced(slot.name.removeprefix(within(part, "")))
        for resource in resources:
            if resource.casefold().startswith(f"{noun.casefold()} "):
                return resource
        if proposal.skipped and _is_number(slot):
            return f"{noun} {slot.value}"
    return resources[0] if resources else ""


def _is_number(slot: Slot) -> bool:
    """Whether a slot holds what a record is called by, such as "1043" or "T-882"."""
    value = slot.value
    return isinstance(value, str) and " " not in value and any(c.isdigit() for c in value)


def progress(view: RunView) -> str:
    """ "1 of 2 approvals", for lists."""
    given, needed = approved_count(view)
    return f"{given} of {needed} approvals"
