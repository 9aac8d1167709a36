"""The names that a bundle declares and that cases may speak of: read from its files, so that a case
can be checked against a bundle that nobody runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from bot.planner.planner import WORKFLOW_SLOT
from policies import document
from policies.document import Malformed
from policies.findings import BundleError, Finding
from policies.parse import parse
from policies.rules import PolicyFile
from policies.settings_file import BundleFile
from policies.workflow import Workflow

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Vocabulary:
    """What one bundle declares."""

    workflows: Mapping[str, Workflow]
    rules: frozenset[str]
    roles: frozenset[str]

    @property
    def slots(self) -> frozenset[str]:
        """Everything that can be asked for."""
        declared = {slot for workflow in self.workflows.values() for slot in workflow.slots}
        return frozenset({*declared, WORKFLOW_SLOT, "part"})

    @property
    def steps(self) -> frozenset[str]:
        every = (step for workflow in self.workflows.values() for step in workflow.steps)
        return frozenset(name for step in every for name in step)

    @property
    def examples(self) -> Mapping[str, str]:
        """What the workflows' own examples say -> the workflow."""
        return {
            example.say: name
            for name, workflow in self.workflows.items()
            for example in workflow.examples
        }


def read(folder: Path) -> Vocabulary:
    """The names in a bundle's folder; raises BundleError where a file of it cannot be read."""
    findings: list[Finding] = []
    settings = [*_parsed(BundleFile, folder, "bundle.yml", findings)]
    workflows = [*_parsed(Workflow, folder, "workflows/*.yml", findings)]
    policies = [*_parsed(PolicyFile, folder, "policies/*.yml", findings)]
    if not settings or findings:
        raise BundleError(findings or [Finding("bundle.yml", 0, 0, f"missing in {folder}")])
    return Vocabulary(
        workflows={workflow.workflow: workflow for workflow in workflows},
        rules=frozenset(rule.id for policy in policies for rule in policy.rules),
        roles=frozenset(settings[0].roles),
    )


def _parsed(model: type[M], folder: Path, pattern: str, findings: list[Finding]) -> Iterator[M]:
    for path in sorted(folder.glob(pattern)):
        name = path.relative_to(folder).as_posix()
        try:
            one = parse(model, document.read(name, path.read_bytes()), findings)
        except Malformed as error:
            findings.append(error.finding)
            continue
        if one is not None:
            yield one
