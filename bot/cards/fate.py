"""What a run's status means in words: the badge and the sentence above everything else."""

from __future__ import annotations

from datetime import timedelta

from bot.cards.changes import as_predicted, done_steps, not_done_in, stand_alone
from bot.cards.model import Badge, Moment, Strong, Tone, Words
from bot.cards.needs import approved_count, approvers
from bot.cards.phrases import cost, joined, say, spaced, span
from bot.cards.remarks import edits
from bot.view import RunView
from store.model.decision import Effect
from store.model.execution import StepStatus
from store.model.run import Status

DRIFT_MAX = 4  # changed values named in the sentence; the diff below shows the new state whole


def badge(view: RunView) -> Badge:  # noqa: PLR0911 - one match over the statuses
    """The status in a few words, with how far it has come."""
    match view.run.status:
        case Status.RECEIVED:
            return Badge("PLANNING", Tone.BUSY)
        case Status.ASKING:
            return Badge("QUESTION", Tone.WAITING)
        case Status.WAITING:
            given, needed = approved_count(view)
            return Badge(f"WAITING {given} of {needed}", Tone.WAITING)
        case Status.RUNNING:
            done, total = done_steps(view)
            return Badge(f"RUNNING {done} of {total}", Tone.BUSY)
        case Status.APPLIED:
            matching, total = as_predicted(view)
            if matching == total:
                return Badge("DONE", Tone.GOOD)
            return Badge("DONE, NOT ALL AS PREDICTED", Tone.BAD)
        case Status.PARTLY_APPLIED:
            done, total = done_steps(view)
            return Badge(f"DONE IN PART, {done} of {total}", Tone.BAD)
        case Status.DENIED if view.run.proposal is None:
            return Badge("NOT DONE", Tone.QUIET)
        case status:
            return _SETTLED_BADGES[status]


_SETTLED_BADGES = {
    Status.REJECTED: Badge("REJECTED", Tone.QUIET),
    Status.DENIED: Badge("NOT ALLOWED", Tone.QUIET),
    Status.EXPIRED: Badge("EXPIRED", Tone.QUIET),
    Status.CANCELLED: Badge("CANCELLED", Tone.QUIET),
    Status.COMPENSATED: Badge("TAKEN BACK", Tone.BAD),
    Status.FAILED: Badge("FAILED, NOTHING CHANGED", Tone.BAD),
    Status.UNKNOWN: Badge("STOPPED, A PERSON DECIDES", Tone.BAD),
    Status.STUCK: Badge("STUCK, A PERSON IS NEEDED", Tone.BAD),
}


def notice(view: RunView) -> Words:  # noqa: PLR0911 - one match over the statuses
    """What happened and what to do next; empty where the card below says it all."""
    run = view.run
    match run.status:
        case Status.RECEIVED:
            return _planning(view)
        case Status.ASKING:
            return (Strong(run.question.text),) if run.question else (run.note,)
        case Status.WAITING:
            return _drifted(view) if view.drift else _shown_anew(view)
        case Status.RUNNING:
            return _cancelling(view)
        case Status.APPLIED:
            return _applied(view)
        case Status.PARTLY_APPLIED:
            return _applied_in_part(view)
        case Status.REJECTED:
            return _rejected(view)
        case Status.UNKNOWN:
            after = _UNKNOWN_GONE_ON if stand_alone(view) else _UNKNOWN_HELD
            return (Strong("STOPPED: "), *_note(view, _UNKNOWN_NOTE), f"{after}{_look(view)}")
        case status:
            default, after = _SETTLED_NOTICES[status]
            note = _note(view, default)
            is_said = "nothing was" in note[0].casefold()
            return note if is_said and "Nothing was" in after else (*note, after)


def _planning(view: RunView) -> Words:
    edit = view.run.edit
    who = (Strong(f"{edit.name} is changing it. "),) if edit is not None else ()
    return (*who, "Reading the systems and working out what would change.")


_UNKNOWN_NOTE = (
    "a system did not answer after a write was sent, so it may or may not have happened."
)
_UNKNOWN_HELD = " The steps after it were not started."
_UNKNOWN_GONE_ON = " The other steps went on without it."
_DECIDED_BY = "It happened, It did not or Ask the system again"  # buttons below
_SETTLED_NOTICES = {
    Status.DENIED: ("The policy does not allow this.", " Nothing was changed."),
    Status.EXPIRED: (
        "Nobody decided in time.",
        " Nothing was changed. Ask again if it is still needed.",
    ),
    Status.CANCELLED: ("Cancelled by the requester.", " Nothing was changed."),
    Status.COMPENSATED: (
        "A step failed.",
        " Every step that had been done was taken back; see below.",
    ),
    Status.FAILED: ("A system refused.", " Nothing was changed."),
    Status.STUCK: (
        "A step could not be taken back.",
        " What was done stands as shown below; nothing more happens until a person decides.",
    ),
}


def _look(view: RunView) -> str:
    """Where a person finds out what the first unknown step has done, and what to press then."""
    proposal = view.run.proposal
    lost = next((s for s in view.steps if s.status is StepStatus.UNKNOWN), None)
    seen = proposal.seen[lost.index] if proposal is not None and lost is not None else None
    where = f"{seen.system} at {seen.resource}" if seen else "the system"
    return f" Look in {where}, then press {_DECIDED_BY}."


def settled_facts(view: RunView) -> Words:
    """ "asked by Dana, approved by Lee · $0.03 · ledger 88-97", with the times of what failed."""
    people = f"asked by {view.run.requester_name}"
    if names := approvers(view):
        people += f", approved by {joined(names)}"
    elif ran_by_itself(view):
        people += ", nobody was asked to approve it"
    times = [] if view.run.status is Status.APPLIED else _times(view)  # else the notice has them
    parts = [people, *times]
    parts.append(cost(view.run.cost_micro_usd, view.run.estimate_micro_usd))
    if ledger := ledger_range(view):
        parts.append(ledger)
    return (" · ".join(parts),)


def ran_by_itself(view: RunView) -> bool:
    """Whether policy let the plan run without anybody's approval."""
    proposal = view.run.proposal
    is_begun = view.run.approved_at is not None
    return is_begun and proposal is not None and proposal.decision.effect is Effect.MAY_RUN


def ledger_range(view: RunView) -> str:
    """ "ledger 88,412-88,431", empty where nothing is recorded."""
    if view.ledger_first is None or view.ledger_last is None:
        return ""
    return f"ledger {view.ledger_first:,}-{view.ledger_last:,}"


def waited(view: RunView) -> timedelta | None:
    """From the first card until the last approval; None where nobody had to approve."""
    run = view.run
    if run.proposed_at is None or run.approved_at is None or ran_by_itself(view):
        return None
    return run.approved_at - run.proposed_at


def worked(view: RunView) -> timedelta | None:
    """From the last approval until it settled; None where nothing was executed."""
    run = view.run
    if run.approved_at is None or run.settled_at is None:
        return None
    return run.settled_at - run.approved_at


def _times(view: RunView) -> list[str]:
    work, wait = worked(view), waited(view)
    if work is None:
        return []
    return [f"{span(work)} of work" + (f" after {span(wait)} of waiting" if wait else "")]


def _applied(view: RunView) -> Words:
    matching, total = as_predicted(view)
    head = Strong("DONE")
    work, wait = worked(view), waited(view)
    took = f" in {span(work)}" if work is not None else ""
    after = f" after {span(wait)} of waiting" if work is not None and wait else ""
    if matching == total:
        return (head, f"{took}{after}: {matching} of {total} steps as predicted.")
    note = f" {view.run.note}" if view.run.note else ""
    return (head, f"{took}{after}, but only {matching} of {total} steps as predicted.{note}")


def _applied_in_part(view: RunView) -> Words:
    """What stands, what does not, and that nobody goes on with the rest."""
    done, total = done_steps(view)
    note = f" {view.run.note}" if view.run.note else ""
    systems = [] if view.run.is_cancel_requested else not_done_in(view)
    head = Strong(f"DONE IN PART: {done} of {total} steps.")
    where = f" Not done in {joined(systems)}." if systems else ""
    return (head, f"{note}{where} What was done stands; see to the rest, or ask for it again.")


def _rejected(view: RunView) -> Words:
    for approval in reversed(view.approvals):
        if approval.verdict == "reject":
            reason = approval.reason.rstrip(".") or "no reason was given"
            return (
                Strong(f"Rejected by {approval.person_name} "),
                Moment(approval.given_at, "time"),
                f": {reason}. Nothing was changed.",
            )
    return (*_note(view, "Rejected."), " Nothing was changed.")


def _drifted(view: RunView) -> Words:
    said = [
        f"{_where(change.field)} was {say(change.before)} and is now {say(change.after)}"
        for change in view.drift[:DRIFT_MAX]
    ]
    if len(view.drift) > DRIFT_MAX:
        said.append(f"{len(view.drift) - DRIFT_MAX} more")
    who = view.run.note.removesuffix("Nothing was done.").strip().rstrip(".")
    return (
        Strong("CHANGED SINCE YOU LOOKED: "),
        f"{': '.join(part for part in (who, '; '.join(said)) if part)}. ",
        "Nothing was done. Below is the new diff; earlier approvals no longer count.",
    )


def _shown_anew(view: RunView) -> Words:
    """Why a waiting plan is not the one that was shown first, where no system changed."""
    if edited := edits(view):
        return edited
    return (Strong("CHANGED SINCE YOU LOOKED: "), *_note(view, "")) if view.run.note else ()


def _where(field: str) -> str:
    """ "payment pay_7731 last_note" reads "payment pay_7731, last note": ids stay whole."""
    resource, _, name = field.rpartition(" ")
    return f"{resource}, {spaced(name)}" if resource else spaced(name)


def _cancelling(view: RunView) -> Words:
    if not view.run.is_cancel_requested:
        return ()
    return ("Cancelling was asked for: I stop before the next step and take back what was done.",)


def _note(view: RunView, default: str) -> tuple[str]:
    note = view.run.note.strip() or default
    return (note if note.endswith((".", "!", "?", "…")) else f"{note}.",)
