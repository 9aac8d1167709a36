"""The diff of a card: one group a step, predicted beside observed, bounded in fields."""

from __future__ import annotations

from bot.cards.model import ChangeLine, Group, Strong, Words
from bot.cards.phrases import counted, say, say_change, spaced
from bot.view import RunView
from store.model.execution import StepState, StepStatus
from store.model.plan import Seen

FIELDS_MAX = 10  # changed fields beside the buttons; a click echoes the whole message back to us
UNDOS_MAX = 3  # ways back named beside the buttons; Details holds all
_ALL = 10_000  # more fields than a bounded plan can change

_STATES = {
    StepStatus.PLANNED: "",
    StepStatus.INTENT: "in progress",
    StepStatus.DONE: "done",
    StepStatus.FAILED: "refused",
    StepStatus.UNKNOWN: "may or may not have happened",
    StepStatus.COMPENSATING: "being taken back",
    StepStatus.COMPENSATED: "taken back",
    StepStatus.STUCK: "could not be taken back",
}


def groups(view: RunView, fields_max: int = FIELDS_MAX) -> tuple[tuple[Group, ...], int]:
    """The groups of the plan's steps and the number of changed fields left out of them."""
    proposal = view.run.proposal
    if proposal is None:
        return (), 0
    shown: list[Group] = []
    left, hidden = fields_max, 0
    for index, seen in enumerate(proposal.seen):
        lines = change_lines(seen, state_of(view, index))
        hidden += max(0, len(lines) - left)
        if left > 0 or not lines:
            shown.append(_group(view, index, seen, lines[:left]))
        left = max(0, left - len(lines))
    return tuple(shown[:fields_max]), hidden


def every_group(view: RunView) -> tuple[Group, ...]:
    """All groups with all fields, for Details."""
    return groups(view, _ALL)[0]


def change_lines(seen: Seen, state: StepState | None) -> tuple[ChangeLine, ...]:
    """The changed fields of one step; after execution what was found instead is noted."""
    observed = state.observed if state and state.status is StepStatus.DONE else None
    lines = []
    for change in seen.changes:
        before, after = say_change(change.before, change.after)
        note = ""
        if observed is not None and observed.get(change.field) != change.after:
            note = f"found {say(observed.get(change.field))}"
        lines.append(ChangeLine(spaced(change.field), before, after, note))
    return tuple(lines)


def state_of(view: RunView, index: int) -> StepState | None:
    """The journal row of a step, None before execution."""
    return next((state for state in view.steps if state.index == index), None)


def as_predicted(view: RunView) -> tuple[int, int]:
    """How many steps ended with every predicted value, of how many that the plan has."""
    proposal = view.run.proposal
    if proposal is None:
        return 0, 0
    matching = 0
    for index, seen in enumerate(proposal.seen):
        state = state_of(view, index)
        if state is None or state.status is not StepStatus.DONE or state.observed is None:
            continue
        matching += all(state.observed.get(name) == value for name, value in seen.after.items())
    return matching, len(proposal.seen)


def extent(view: RunView) -> str:
    """ "3 steps in 2 systems"."""
    proposal = view.run.proposal
    if proposal is None:
        return ""
    systems = len({seen.system for seen in proposal.seen})
    return f"{counted(len(proposal.seen), 'step')} in {counted(systems, 'system')}"


def undo_notes(view: RunView) -> tuple[Words, ...]:
    """Whether the changes can be taken back, said once where all steps agree."""
    proposal = view.run.proposal
    if proposal is None or not proposal.seen:
        return ()
    kept = [seen for seen in proposal.seen if not seen.is_reversible]
    if not kept:
        steps = enumerate(proposal.seen, 1)
        about = [f"step {number}, {seen.undo}" for number, seen in steps if seen.undo]
        return ((f"Undo: yes{': ' if about else ''}{'; '.join(about[:UNDOS_MAX])}.",),)
    return tuple(
        (
            Strong("Cannot be taken back: "),
            f"{seen.resource}{f', {seen.undo}' if seen.undo else ''}.",
        )
        for seen in kept[:3]
    )


def _group(view: RunView, index: int, seen: Seen, lines: tuple[ChangeLine, ...]) -> Group:
    state = state_of(view, index)
    said = _STATES[state.status] if state else ""
    is_said_above = state is not None and state.status is StepStatus.UNKNOWN
    if state and state.problem and state.status is not StepStatus.DONE and not is_said_above:
        said = f"{said}: {state.problem}" if said else state.problem
    return Group(index + 1, seen.system, seen.resource, said, lines)
