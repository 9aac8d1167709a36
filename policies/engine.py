"""What policy says of a plan: deny by default, only allow grants, a requirement can only add.

Built once from a bundle and the catalogue; `decide` is pure: no clock, no I/O, no exception for any
facts. In order: a bad fact or a condition that cannot be judged denies; a matching deny denies; the
absence of a matching allow denies; the autonomy ladder denies what the level does not permit;
otherwise all matching requirements together, and with none of them the plan may run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from policies import counter_references
from policies import facts as contract
from policies.bundle import Bundle
from policies.compiled import Policy, compile_policies
from policies.counters import Counter
from policies.facts import Catalogue, FactTypes
from policies.findings import BundleError, Finding
from policies.judge import demanded, judge, shown, shown_of_unsound
from policies.requirements import union, worded
from store.model.decision import Decision, Effect, Requirement, RuleResult, StepDecision
from store.model.values import Json

STEPS_MAX = 50  # steps of one plan; the shipped workflows have three
LEVEL_READ_ONLY = 1  # autonomy L1: a write is impossible
LEVEL_SUGGESTED = 2  # autonomy L2: every write is approved; irreversible operations go no higher
LEVEL_BOUNDED = 3  # autonomy L3: what no rule asks about runs by itself
LEVEL_MAX = 4
PROBLEMS_SHOWN = 5  # clauses of one reason; every rule and check is in the decision itself


@dataclass(frozen=True)
class StepFacts:
    """One step of a plan as policy sees it: COMMON facts, those that its operation declares, and
    those of the counters that count it."""

    step_id: str
    operation: str
    facts: Mapping[str, object]


class Engine:
    """The rules of one bundle over one catalogue."""

    def __init__(self, bundle: Bundle, catalogue: Catalogue) -> None:
        """Raises BundleError with every problem of every rule."""
        findings: list[Finding] = []
        self._counters = counter_references.counted(bundle.policies, catalogue, findings)
        self._types = counter_references.complete(catalogue, self._counters)
        self._policies = compile_policies(bundle.policies, self._types, findings)
        if findings:
            raise BundleError(findings)
        self._caps = dict(bundle.autonomy_caps)
        self._sources = {
            p.file.policy: f"{p.file.policy}@{bundle.revision}" for p in bundle.policies
        }

    @property
    def operations(self) -> frozenset[str]:
        """What can be judged at all."""
        return frozenset(self._types)

    def fact_types(self, operation: str) -> FactTypes:
        """Every fact that an operation is judged on; raises KeyError for one that is not known."""
        return self._types[operation]

    def counters(self, operation: str) -> tuple[Counter, ...]:
        """The counters whose facts an operation is judged on; none for one that is not known."""
        return self._counters.get(operation, ())

    def replacing(self, policy: Policy) -> Engine:
        """This engine with one of its files in another wording, of which only rules and constants
        may differ. Raises BundleError where those do not compile."""
        findings: list[Finding] = []
        compiled = compile_policies((policy,), self._types, findings)
        if findings:
            raise BundleError(findings)
        other = copy(self)
        other._policies = {
            operation: tuple(
                compiled[operation][0] if known.name == policy.file.policy else known
                for known in policies
            )
            for operation, policies in self._policies.items()
        }
        return other

    def permitting(self, level: int) -> Engine:
        """This engine where every environment permits this level. What cannot be taken back goes no
        higher than L2 all the same."""
        other = copy(self)
        other._caps = dict.fromkeys(self._caps, level)
        return other

    def decide(self, steps: Sequence[StepFacts]) -> Decision:
        """The decision on a plan: the strictest step decides, requirements add up."""
        if not steps:
            return _refused("denied: a plan without steps has nothing to decide on")
        if len(steps) > STEPS_MAX:
            return _refused(f"denied: {len(steps)} steps in one plan; {STEPS_MAX} is the limit")
        judged = [self._judge(step) for step in steps]
        requirements = union(r for step in judged for r in step.requirements)
        is_decided = bool(requirements) or any(step.refusal for step in judged)
        decisions = tuple(_settle(step, is_decided=is_decided) for step in judged)
        return _whole(decisions, requirements)

    def _judge(self, step: StepFacts) -> _Judged:
        types = self._types.get(step.operation)
        if types is None:
            name = str(step.operation)[:80]
            return _unjudged(step, f"no connector offers the operation {name}")
        if problems := contract.problems(step.facts, types):
            return _unjudged(step, "; ".join(problems[:PROBLEMS_SHOWN]))
        environment = str(step.facts["run.environment"])
        cap = self._caps.get(environment)
        if cap is None:
            return _unjudged(step, f"the bundle has no environment {environment[:80]!r}")
        level = _level(step.facts, cap)
        if level is None:
            return _unjudged(step, f"workflow.level must be 1 to {LEVEL_MAX}")
        facts = {**contract.typed(step.facts, types), "workflow.level": level}
        recorded = shown(step.facts)
        values = {**recorded, "workflow.level": level}
        verdicts = [
            judge(policy, facts, values, self._sources[policy.name])
            for policy in self._policies[step.operation]
        ]
        results = tuple([result for verdict in verdicts for result in verdict.results])
        refusal = _refusal(results, level)
        requirements = () if refusal else demanded(verdicts)
        return _Judged(step, recorded, refusal, level, results, requirements)


@dataclass(frozen=True)
class _Judged:
    """One step with all its rules judged, before the rest of the plan is looked at.

    `recorded` are its facts as JSON. `requirements` are what matching rules ask for; none where the
    step is refused.
    """

    step: StepFacts
    recorded: dict[str, Json]
    refusal: str
    level: int = LEVEL_READ_ONLY
    results: tuple[RuleResult, ...] = ()
    requirements: tuple[Requirement, ...] = ()


def _unjudged(step: StepFacts, refusal: str) -> _Judged:
    return _Judged(step, shown_of_unsound(step.facts), refusal)


def _level(facts: Mapping[str, object], cap: int) -> int | None:
    """The level that holds: never above the environment's cap, nor above L2 without a way back."""
    level = facts["workflow.level"]
    if type(level) is not int or not LEVEL_READ_ONLY <= level <= LEVEL_MAX:
        return None
    return min(level, cap, LEVEL_MAX if facts["step.is_reversible"] else LEVEL_SUGGESTED)


def _refusal(results: Sequence[RuleResult], level: int) -> str:
    """Why the step is denied, or nothing. Any one reason is enough; denials come first."""
    denials = [r.because for r in results if r.effect == "deny" and r.is_matched]
    errors = [_error(r) for r in results if r.is_matched is None]
    if denials or errors:
        return "; ".join([*denials, *errors][:PROBLEMS_SHOWN])
    if not any(r.effect == "allow" and r.is_matched for r in results):
        return _no_allow(results)
    if level <= LEVEL_READ_ONLY:
        return "this workflow is L1: it reads and drafts, and writes nothing"
    return ""


def _error(result: RuleResult) -> str:
    problems = [c for c in result.checks if c.is_met is None]
    check = problems[0]
    return f"the rule {result.rule} could not be judged: {check.label}: {check.problem}"


def _no_allow(results: Sequence[RuleResult]) -> str:
    unmet = [
        f"{r.rule} needs: {', '.join(c.label for c in r.checks if not c.is_met)}"
        for r in results
        if r.effect == "allow"
    ]
    return "no rule allows this" + (f" ({'; '.join(unmet[:PROBLEMS_SHOWN])})" if unmet else "")


def _settle(judged: _Judged, *, is_decided: bool) -> StepDecision:
    """The step's decision. `is_decided`: somebody approves the plan that it is part of, or a step
    of it is refused, which is the reason to be told."""
    requirements = judged.requirements
    if judged.refusal:
        effect, reason = Effect.DENIED, f"denied: {judged.refusal}"
    elif requirements:
        effect, reason = Effect.NEEDS_APPROVAL, f"needs approval: {worded(requirements)}"
    elif judged.level > LEVEL_SUGGESTED:
        effect, reason = Effect.MAY_RUN, f"may run: {_allowed_because(judged.results)}"
    elif is_decided:
        effect, reason = Effect.NEEDS_APPROVAL, "needs approval: with the plan that it is part of"
    else:
        effect, reason = Effect.DENIED, f"denied: {_nobody(judged)}"
    return StepDecision(
        step=judged.step.step_id,
        operation=judged.step.operation,
        effect=effect,
        reason=reason,
        rules=judged.results,
        requirements=requirements,
        facts=judged.recorded,
    )


def _allowed_because(results: Sequence[RuleResult]) -> str:
    return next(r.because for r in results if r.effect == "allow" and r.is_matched)


def _nobody(judged: _Judged) -> str:
    if judged.step.facts["step.is_reversible"]:
        return "this workflow is L2: every write needs an approver, and no rule names one"
    return "what cannot be taken back needs an approver, and no rule names one"


def _whole(steps: tuple[StepDecision, ...], requirements: tuple[Requirement, ...]) -> Decision:
    for effect in (Effect.DENIED, Effect.NEEDS_APPROVAL):
        if reasons := [s.reason for s in steps if s.effect is effect]:
            break
    else:
        effect, reasons = Effect.MAY_RUN, [steps[0].reason]
    if effect is Effect.DENIED:
        return Decision(effect=effect, reason=_joined(reasons), steps=steps, requirements=())
    reason = f"needs approval: {worded(requirements)}" if requirements else reasons[0]
    return Decision(effect=effect, reason=reason, steps=steps, requirements=requirements)


def _joined(reasons: Sequence[str]) -> str:
    """Distinct reasons as one sentence with one "denied:"."""
    clauses = dict.fromkeys(reason.removeprefix("denied: ") for reason in reasons)
    return f"denied: {'; '.join(clauses)}"


def _refused(reason: str) -> Decision:
    return Decision(effect=Effect.DENIED, reason=reason, steps=(), requirements=())
