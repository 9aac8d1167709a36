"""`assent policy test`: a bundle's own examples, what they touch, and which mutants they miss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.bundle import Bundle
from policies.compiled import Policy
from policies.coverage import Coverage, coverage
from policies.engine import Engine
from policies.examples import Case, cases, problems
from policies.facts import Catalogue
from policies.findings import BundleError, Finding
from policies.mutants import Mutant, mutants
from policies.rules import EVERY_OPERATION


@dataclass(frozen=True)
class Examined:
    """What came of examining a bundle. While an example fails, no mutant is tried."""

    examples: int
    failing: tuple[Finding, ...]
    coverage: Coverage
    mutants: int
    surviving: tuple[Finding, ...]


def examine(bundle: Bundle, catalogue: Catalogue) -> Examined:
    """Runs every example, then every mutant of every file against the examples that can see it.

    Raises BundleError where the bundle does not compile.
    """
    engine = Engine(bundle, catalogue)
    every = cases(bundle, engine)
    decisions = [engine.decide([case.step]) for case in every]
    failing = tuple(
        case.finding(problem)
        for case, decision in zip(every, decisions, strict=True)
        for problem in problems(case.example, decision)
    )
    tried: list[Mutant] = []
    surviving: list[Finding] = []
    for policy in () if failing else bundle.policies:
        seeing = list(_seeing(policy, every))
        for mutant, changed in _compiled(policy, engine, tuple(bundle.settings.roles)):
            tried.append(mutant)
            if not _is_noticed(changed, seeing):
                surviving.append(mutant.finding)
    return Examined(
        examples=len(every),
        failing=failing,
        coverage=coverage(bundle, decisions),
        mutants=len(tried),
        surviving=tuple(sorted(surviving)),
    )


def _seeing(policy: Policy, every: Sequence[Case]) -> tuple[Case, ...]:
    """The examples of operations that the file judges, its own first: they notice soonest."""
    operations = policy.file.applies_to
    seeing = [c for c in every if operations == EVERY_OPERATION or c.step.operation in operations]
    return tuple(sorted(seeing, key=lambda case: case.policy.file.policy != policy.file.policy))


def _compiled(
    policy: Policy, engine: Engine, roles: Sequence[str]
) -> Iterator[tuple[Mutant, Engine]]:
    """The file's mutants that are policies at all, each with the engine that it makes."""
    for mutant in mutants(policy, roles):
        try:
            yield mutant, engine.replacing(mutant.policy)
        except BundleError:
            continue


def _is_noticed(engine: Engine, seeing: list[Case]) -> bool:
    """Whether some example fails. It is moved to the front: what noticed one change of a rule is
    likely to notice the next."""
    for at, case in enumerate(seeing):
        if any(problems(case.example, engine.decide([case.step]))):
            seeing.insert(0, seeing.pop(at))
            return True
    return False
