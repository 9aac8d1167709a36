"""Facts that a person states in a file, to see what a bundle would decide on them.

    operation: payments.refund
    workflow: refund                 its name and declared level, unless the facts state others
    given: refunds                   what a policy file's examples are given, as the base
    facts: {refund.amount_minor: 25000}

YAML, or JSON, which is YAML too. Counters that nothing states stand at 0, as in examples.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from policies import document
from policies import facts as contract
from policies.bundle import LEVELS, Bundle
from policies.document import Document, Path
from policies.engine import Engine, StepFacts
from policies.findings import Finding
from policies.parse import parse
from policies.rules import FactName, FactValue, OperationName
from policies.workflow import Declared, Name


class StatedError(Exception):
    """Facts that nothing can be decided on; `findings` say each what is missing or of what type."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(str(finding) for finding in self.findings))


class Stated(Declared):
    """The file as it is written."""

    operation: OperationName
    workflow: Name | None = None
    given: Name | None = None
    facts: dict[FactName, FactValue] = Field(default_factory=dict)


def read(file: str, data: bytes, bundle: Bundle, engine: Engine) -> StepFacts:
    """The facts in a file, sound for its operation. Raises StatedError with every problem."""
    findings: list[Finding] = []
    try:
        source = document.read(file, data)
    except document.Malformed as error:
        raise StatedError([error.finding]) from None
    stated = parse(Stated, source, findings)
    if stated is None:
        raise StatedError(findings)
    findings += [
        source.finding(path, message) for path, message in _unknown(stated, bundle, engine)
    ]
    if findings:
        raise StatedError(findings)
    step = StepFacts("stated", stated.operation, _facts(stated, bundle, engine))
    findings += _unsound(step, source, engine)
    if findings:
        raise StatedError(findings)
    return step


def _unknown(stated: Stated, bundle: Bundle, engine: Engine) -> Iterator[tuple[Path, str]]:
    if stated.operation not in engine.operations:
        known = ", ".join(sorted(engine.operations))
        yield ("operation",), f"no connector offers {stated.operation}; there is {known}"
    if stated.workflow and stated.workflow not in bundle.workflows:
        known = ", ".join(sorted(bundle.workflows))
        yield ("workflow",), f"the bundle has no workflow {stated.workflow}; it has {known}"
    names = {policy.file.policy for policy in bundle.policies}
    if stated.given and stated.given not in names:
        yield ("given",), f"no policy file is named {stated.given}; there is {', '.join(names)}"


def _facts(stated: Stated, bundle: Bundle, engine: Engine) -> dict[str, object]:
    types = engine.fact_types(stated.operation)
    tallies = {name: 0 for c in engine.counters(stated.operation) for name in c.fact_types}
    given = next((p.file.given for p in bundle.policies if p.file.policy == stated.given), {})
    base = {name: value for name, value in given.items() if name in types}
    return {**tallies, **base, **_of_workflow(stated, bundle), **stated.facts}


def _of_workflow(stated: Stated, bundle: Bundle) -> dict[str, object]:
    if stated.workflow is None:
        return {}
    level = LEVELS[bundle.workflows[stated.workflow].autonomy]
    return {"workflow.name": stated.workflow, "workflow.level": level}


def _unsound(step: StepFacts, source: Document, engine: Engine) -> Iterator[Finding]:
    """What is missing or of another type, at the fact where it is stated."""
    types = engine.fact_types(step.operation)
    for name in types:
        if name not in step.facts:
            yield source.finding(("facts",), f"the fact {name} is missing; it is {types[name]}")
    for name, value in step.facts.items():
        known = {name: types[name]} if name in types else {}
        for problem in contract.problems({name: value}, known):
            yield source.finding(("facts", name), f"{problem} for {step.operation}")
