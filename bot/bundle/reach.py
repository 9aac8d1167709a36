"""Whether every step of a bundle has a connection that may do it: what `session` would refuse only
when people have approved already."""

from __future__ import annotations

from collections.abc import Iterator

from bot import systems
from bot.catalogue import writer
from policies.bundle import LEVELS, Bundle
from policies.engine import LEVEL_READ_ONLY
from policies.findings import Finding
from policies.workflow import Workflow


def out_of_reach(bundle: Bundle) -> tuple[Finding, ...]:
    """A finding for each connection whose connector is not there, and for each step that no
    connection of its workflow may perform, in each environment in which it has connections."""
    if unknown := tuple(_unknown(bundle)):
        return unknown
    return tuple(
        finding for workflow in bundle.workflows.values() for finding in _of(bundle, workflow)
    )


def _unknown(bundle: Bundle) -> Iterator[Finding]:
    known = systems.names(bundle)
    for name, connection in bundle.settings.connections.items():
        if connection.connector not in known:
            there = ", ".join(known)
            message = f"there is no connector {connection.connector}; there is {there}"
            yield Finding("bundle.yml", 0, 0, f"connection {name}: {message}")


def _of(bundle: Bundle, workflow: Workflow) -> Iterator[Finding]:
    if LEVELS[workflow.autonomy] <= LEVEL_READ_ONLY:
        return
    names = bundle.settings.workflows.get(workflow.workflow, ())
    environments = {bundle.settings.connections[name].environment for name in names}
    for environment in sorted(environments):
        for index, steps in enumerate(workflow.steps):
            for step_id, step in steps.items():
                if writer(bundle, workflow.workflow, step.use, environment) is not None:
                    continue
                _, operation = systems.operation(bundle, step.use)
                yield bundle.sources[workflow.workflow].finding(
                    ("steps", index, step_id, "use"),
                    f"no connection of {workflow.workflow} in {environment} may do this:"
                    f" {step.use} needs {', '.join(sorted(operation.scopes))}; give one of"
                    f" {', '.join(names)} these scopes in bundle.yml",
                )
