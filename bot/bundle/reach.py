"""Whether every step of a bundle has a connection that may do it: what `session` would refuse only
when people have approved already."""

from __future__ import annotations

from collections.abc import Iterator

from connectors import registry
from policies.bundle import Bundle
from policies.findings import Finding
from policies.workflow import Workflow

LEVEL_READ_ONLY = "L1"


def out_of_reach(bundle: Bundle) -> tuple[Finding, ...]:
    """A finding for each step that no connection of its workflow may perform, in each environment
    in which the workflow has connections."""
    return tuple(
        finding for workflow in bundle.workflows.values() for finding in _of(bundle, workflow)
    )


def _of(bundle: Bundle, workflow: Workflow) -> Iterator[Finding]:
    if workflow.autonomy == LEVEL_READ_ONLY:
        return
    declared = bundle.settings.connections
    own = {name: declared[name] for name in bundle.settings.workflows.get(workflow.workflow, ())}
    operations = registry.operations()
    for environment in sorted({connection.environment for connection in own.values()}):
        for index, steps in enumerate(workflow.steps):
            for step_id, step in steps.items():
                connector, operation = operations[step.use]
                here = {
                    name: set(connection.scopes)
                    for name, connection in own.items()
                    if connection.environment == environment
                    and connection.connector == connector.name
                }
                if any(operation.scopes <= scopes for scopes in here.values()):
                    continue
                yield bundle.sources[workflow.workflow].finding(
                    ("steps", index, step_id, "use"),
                    f"no connection of {workflow.workflow} in {environment} may do this:"
                    f" {step.use} needs {', '.join(sorted(operation.scopes))}; give one of"
                    f" {', '.join(here) or 'its connections'} these scopes in bundle.yml",
                )
