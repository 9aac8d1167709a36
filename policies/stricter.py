"""Two decisions on the same plan put together: whatever either refuses or asks for holds.

When policy changes between the signing of a plan and its execution, nobody's consent that was asked
for under the old policy is dropped by the new one, and what the new one asks for is asked.
"""

from __future__ import annotations

from policies.requirements import union, worded
from store.model.decision import Decision, Effect, StepDecision

_SEVERITY = {Effect.MAY_RUN: 0, Effect.NEEDS_APPROVAL: 1, Effect.DENIED: 2}


def stricter(one: Decision, other: Decision) -> Decision:
    """The stricter effect with the requirements of both. Steps are `other`'s, each with the
    stricter effect of the two; the requirements of `one` come first and in its words."""
    effect = _stricter_effect(one.effect, other.effect)
    earlier = {step.step: step for step in one.steps}
    steps = tuple(_stricter_step(earlier.get(step.step), step) for step in other.steps)
    if effect is Effect.DENIED:
        reason = one.reason if other.effect is not Effect.DENIED else other.reason
        return Decision(effect=effect, reason=reason, steps=steps, requirements=())
    requirements = union([*one.requirements, *other.requirements])
    if requirements:
        reason = f"needs approval: {worded(requirements)}"
    else:
        reason = other.reason if other.effect is effect else one.reason
    return Decision(effect=effect, reason=reason, steps=steps, requirements=requirements)


def _stricter_step(one: StepDecision | None, other: StepDecision) -> StepDecision:
    if one is None:
        return other
    effect = _stricter_effect(one.effect, other.effect)
    return other.model_copy(
        update={
            "effect": effect,
            "reason": other.reason if other.effect is effect else one.reason,
            "requirements": union([*one.requirements, *other.requirements]),
        }
    )


def _stricter_effect(one: Effect, other: Effect) -> Effect:
    return max(one, other, key=_SEVERITY.__getitem__)
