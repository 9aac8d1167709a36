"""What policy says of a joint plan: no part is decided more loosely than it would be alone. Pure.

The engine decides on all steps at once, so that requirements and counters add up. Two things are
then held for each part: a denial says which part it is about, and a part for which no rule names an
approver is not carried by the approver of another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.joint.names import is_joint, part_of, parts_of
from store.model.decision import Decision, Effect, StepDecision

_DENIED = "denied: "
_NOBODY = "every write needs an approver, and no rule names one for this part"


def by_part(decision: Decision, workflow: str, titles: Mapping[str, str]) -> Decision:
    """The decision on a plan of this workflow; `titles` are those of its parts."""
    if not is_joint(workflow) or not decision.steps:
        return decision
    parts = {
        part: [s for s in decision.steps if part_of(workflow, s.step) == part]
        for part in parts_of(workflow)
    }
    reasons = {part: _why_denied(steps) for part, steps in parts.items() if steps}
    if not any(reasons.values()):
        return decision
    clauses = [f"{titles[part]}: {why}" for part, why in reasons.items() if why]
    others = [titles[part] for part, why in reasons.items() if not why]
    alone = f". Alone would be possible: {', '.join(others)}" if others else ""
    reason = f"{_DENIED}{'; '.join(clauses)}{alone}"
    return decision.model_copy(
        update={"effect": Effect.DENIED, "reason": reason, "requirements": ()}
    )


def _why_denied(steps: Sequence[StepDecision]) -> str:
    denied = [s.reason.removeprefix(_DENIED) for s in steps if s.effect is Effect.DENIED]
    if denied:
        return "; ".join(dict.fromkeys(denied))
    return "" if any(step.requirements for step in steps) else _NOBODY
