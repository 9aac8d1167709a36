"""docs/reference/workflows.md: what the shipped bundles can be asked, and what each ask touches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.catalogue import loaded
from bot.systems import operation
from policies.bundle import Bundle
from policies.workflow import Workflow

BUNDLES = Path(__file__).parents[2] / "policies" / "bundles"
FIRST = "desk"  # what `make play` runs; the others follow by name
SAID_MAX = 3  # sentences shown of each workflow
INTRO = """\
A bundle is a folder that an installation owns. These are shipped, to be copied and changed: put
your channels, people, roles and accounts into `bundle.yml`, and your bounds into `policies/`.
`make play` runs `desk`, which needs no account anywhere; the others act on the systems that they
name, with [accounts of their own](../how-to/accounts.md) and the extras of their
[connectors](connectors.md). `assent policy check` says whether a copy holds together,
`assent doctor` whether its accounts hold what it needs and no more.

Who has to approve what is in the bundle's `policies/`, one rule after the other;
`assent policy explain` says it of one case."""


def page(made: str) -> str:
    """The whole page; `made` is the line that says where it comes from."""
    folders = sorted(each.parent for each in BUNDLES.glob("*/bundle.yml"))
    folders.sort(key=lambda folder: folder.name != FIRST)
    sections = (line for folder in folders for line in _bundle(loaded(folder)))
    return "\n".join(["# Workflows", "", made, INTRO, "", *sections]).rstrip() + "\n"


def _bundle(bundle: Bundle) -> Iterator[str]:
    gates = sorted({suite for suites in bundle.settings.gates.values() for suite in suites})
    yield from (f"## `{bundle.name}`: {bundle.settings.title}", "")
    yield from (f"In `policies/bundles/{bundle.name}`. Held to {_named(gates)}.", "")
    yield from ("| connection | system | environment | may |", "|---|---|---|---|")
    for name, each in bundle.settings.connections.items():
        yield f"| `{name}` | {each.connector} | {each.environment} | {_named(each.scopes)} |"
    yield ""
    for workflow in bundle.workflows.values():
        yield from _workflow(bundle, workflow)


def _workflow(bundle: Bundle, workflow: Workflow) -> Iterator[str]:
    yield from (f"### `{workflow.workflow}`: {workflow.title}", "", workflow.why, "")
    said = [" ".join(e.say.split()) for e in workflow.examples if e.plan][:SAID_MAX]
    yield f"- Ask: {'; '.join(f'“{each}”' for each in said)}"
    for steps in workflow.steps:
        for name, step in steps.items():
            what = operation(bundle, step.use)[1]
            rider = f", where {step.when} is there" if step.when else ""
            rider += ", may be left out" if step.may_skip else ""
            yield f"- Step `{name}`: {what.title} in {what.system} (`{step.use}`){rider}"
    using = bundle.settings.workflows.get(workflow.workflow, ())
    yield from (f"- Through {_named(using)}; at most {workflow.autonomy}", "")


def _named(names: object) -> str:
    assert isinstance(names, list | tuple)
    return ", ".join(f"`{name}`" for name in names) or "nothing"
