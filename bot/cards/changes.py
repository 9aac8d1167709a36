"""The diff of a card: one group a step, predicted beside observed, bounded in fields."""

from __future__ import annotations

from bot.cards.model import ChangeLine, Group, Strong, Words
from bot.cards.phrases import counted, joined, say, say_change, spaced
from bot.view import RunView
from store.model.execution import StepState, StepStatus
from store.model.plan import Seen
from store.model.run import Status

FIELDS_MAX = 10  # changed fields beside the buttons; a click echoes the whole message back to us
OUTCOMES_MAX = 10  # steps whose fate is told in the thread; Details holds all
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

# What ended without the steps that were not begun.
_LEFT_UNDONE = (Status.PARTLY_APPLIED, Status.FAILED, Status.COMPENSATED, Status.STUCK)


def groups(view: RunView, fields_max: int = FIELDS_MAX) -> tuple[tuple[Group, ...], int]:
    """The groups of the plan's steps and the number of changed fields left out of them."""
    proposal = view.run.proposal
    if proposal is None:
        return (), 0
    shown: list[Group] = []
    left, hidden = fields_max, 0
    for index, seen in enumerate(proposal.seen):
        lines = change_lines(seen, state_of(view, index), is_void=_is_void(view, index))
        hidden += max(0, len(lines) - left)
        if left > 0 or not lines:
            shown.append(_group(view, index, seen, lines[:left]))
        left = max(0, left - len(lines))
    return tuple(shown[:fields_max]), hidden


def every_group(view: RunView) -> tuple[Group, ...]:
    """All groups with all fields, for Details."""
    return groups(view, _ALL)[0]


def change_lines(
    seen: Seen, state: StepState | None, *, is_void: bool = False
) -> tuple[ChangeLine, ...]:
    """The changed fields of one step; after execution what was found instead is noted."""
    observed = state.observed if state and state.status is StepStatus.DONE else None
    lines = []
    for change in seen.changes:
        before, after = say_change(change.before, change.after)
        note = ""
        if observed is not None and observed.get(change.field) != change.after:
            note = f"found {say(observed.get(change.field))}"
        lines.append(ChangeLine(spaced(change.field), before, after, note, is_void))
    return tuple(lines)


def _is_void(view: RunView, index: int) -> bool:
    """Whether what the step was to change stands as it was before, as far as is known."""
    state = state_of(view, index)
    if state is None or state.status is StepStatus.PLANNED:
        return view.run.status in _LEFT_UNDONE
    return state.status in (StepStatus.FAILED, StepStatus.COMPENSATED)


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


def stand_alone(view: RunView) -> bool:
    """Whether every step of the plan stands for itself."""
    proposal = view.run.proposal
    return proposal is not None and len(proposal.standing) == len(proposal.plan.steps) > 0


def done_steps(view: RunView) -> tuple[int, int]:
    """How many steps are done, of how many that the plan has."""
    total = len(view.run.proposal.seen) if view.run.proposal else 0
    return sum(step.status is StepStatus.DONE for step in view.steps), total


def not_done_in(view: RunView) -> list[str]:
    """The systems in which something was not done, each once."""
    seen = view.run.proposal.seen if view.run.proposal else ()
    left = [s.index for s in view.steps if s.status is not StepStatus.DONE]
    return list(dict.fromkeys(seen[index].system for index in left))


def standing_notes(view: RunView) -> tuple[Words, ...]:
    """That a refusal takes nothing back, where steps stand for themselves."""
    proposal = view.run.proposal
    if proposal is None or not proposal.standing:
        return ()
    steps = enumerate(proposal.plan.steps, 1)
    numbers = [str(number) for number, step in steps if step.id in proposal.standing]
    is_all = len(numbers) == len(proposal.plan.steps)
    who = "Each step stands" if is_all else f"Steps {joined(numbers)} stand"
    return (
        (
            Strong(f"{who} for itself: " if is_all else f"{who} for themselves: "),
            "where one is refused, the others are still carried out, and what was done stays.",
        ),
    )


def outcomes(view: RunView) -> tuple[Words, ...]:
    """ "Okta, account of omar: done", a line for each step."""
    groups_ = every_group(view)
    lines = tuple((f"{g.system}, {g.resource}: {g.state}",) for g in groups_[:OUTCOMES_MAX])
    left = len(groups_) - len(lines)
    return (*lines, *(((f"and {counted(left, 'more step')} in Details",),) if left else ()))


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
    if not said and view.run.status is Status.PARTLY_APPLIED:
        said = "not begun"
    is_unknown = state is not None and state.status is StepStatus.UNKNOWN
    is_said_above = state is not None and is_unknown and state.problem in view.run.note
    if state and state.problem and state.status is not StepStatus.DONE and not is_said_above:
        said = f"{said}: {state.problem}" if said else state.problem
    return Group(index + 1, seen.system, seen.resource, said, lines)
