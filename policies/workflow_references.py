"""What a workflow says about the connectors and bundle.yml: operations, finders, slots, level."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from policies.document import Document, Path
from policies.facts import Catalogue
from policies.findings import Finding
from policies.settings_file import BundleFile
from policies.workflow import ChoiceSlot, MoneySlot, RecordSlot, Slot, StepTemplate, Workflow

# Finder name -> its record's fields with their types, as connectors declare them.
Finders = Mapping[str, Mapping[str, str]]

# Beside its slots, a template may speak of what was asked and by whom.
TEMPLATE_ROOTS = frozenset({"request", "requester"})

_REFERENCE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Known:
    """What workflows may name. `finders` None: record slots are not checked."""

    catalogue: Catalogue
    finders: Finders | None
    settings: BundleFile | None


def check(workflow: Workflow, source: Document, known: Known, findings: list[Finding]) -> None:
    """Known operations, finders and slots; unique steps; a level that its environments permit."""
    found = [*_slots(workflow, known), *_steps(workflow, known), *_examples(workflow, known)]
    found += _promotion(workflow)
    if known.settings:
        found += [*_level(workflow, known.settings), *_reviewers(workflow, known.settings)]
    findings += [source.finding(path, message) for path, message in found]


def _slots(workflow: Workflow, known: Known) -> Iterator[tuple[Path, str]]:
    for name, slot in workflow.slots.items():
        if isinstance(slot, RecordSlot) and known.finders is not None:
            if slot.finder not in known.finders:
                yield ("slots", name, "finder"), f"no connector offers the finder {slot.finder}"
            yield from _link(workflow, known, name, slot)
        elif isinstance(slot, MoneySlot):
            yield from _template(workflow, known, slot.max, ("slots", name, "max"))
        elif isinstance(slot, ChoiceSlot) and not slot.of:
            yield ("slots", name, "of"), "a choice has at least one value"


def _link(
    workflow: Workflow, known: Known, name: str, slot: RecordSlot
) -> Iterator[tuple[Path, str]]:
    """A slot that is found by another one: that one stands before it, with such a field."""
    if not slot.from_:
        return
    path: Path = ("slots", name, "from")
    yield from _template(workflow, known, slot.from_, path)
    owner, dot, _ = slot.from_.removeprefix("{").removesuffix("}").partition(".")
    before = [*workflow.slots][: [*workflow.slots].index(name)]
    if not (dot and _REFERENCE.fullmatch(slot.from_)):
        yield path, "one field of another record slot, as {person.email}"
    elif owner in workflow.slots and (
        owner not in before or not isinstance(workflow.slots[owner], RecordSlot)
    ):
        yield path, f"{owner} has to be a record slot that stands before {name}"


def _steps(workflow: Workflow, known: Known) -> Iterator[tuple[Path, str]]:
    if not workflow.steps:
        yield ("steps",), "a workflow has at least one step"
    seen: set[str] = set()
    for index, steps in enumerate(workflow.steps):
        if len(steps) != 1:
            yield ("steps", index), "one step an item: `- name: {use: ..., with: {...}}`"
        for name, step in steps.items():
            path: Path = ("steps", index, name)
            if name in seen:
                yield path, f"the step {name} stands here twice"
            seen.add(name)
            yield from _step(workflow, known, step, path)


def _step(
    workflow: Workflow, known: Known, step: StepTemplate, path: Path
) -> Iterator[tuple[Path, str]]:
    if step.use not in known.catalogue:
        yield (*path, "use"), f"no connector offers the operation {step.use}"
    for key, value in step.with_.items():
        yield from _template(workflow, known, value, (*path, "with", key))
    yield from _template(workflow, known, step.when, (*path, "when"))


def _examples(workflow: Workflow, known: Known) -> Iterator[tuple[Path, str]]:
    for index, example in enumerate(workflow.examples):
        for at, operation in enumerate(example.plan):
            if operation not in known.catalogue:
                path: Path = ("examples", index, "plan", at)
                yield path, f"no connector offers the operation {operation}"
        if example.asks and example.asks not in workflow.slots:
            yield ("examples", index, "asks"), f"no slot {example.asks}"


def _level(workflow: Workflow, settings: BundleFile) -> Iterator[tuple[Path, str]]:
    above: dict[Literal["sandbox", "production"], str] = {}
    for name in settings.workflows.get(workflow.workflow, ()):
        connection = settings.connections.get(name)
        environment = settings.environments.get(connection.environment) if connection else None
        if connection and environment and workflow.autonomy > environment.autonomy:
            above.setdefault(connection.environment, name)
    for place, name in above.items():
        yield (
            ("autonomy",),
            f"{workflow.autonomy} is above the cap {settings.environments[place].autonomy} of "
            f"{place} (bundle.yml), where {name} is",
        )


def _promotion(workflow: Workflow) -> Iterator[tuple[Path, str]]:
    limits = workflow.promotion
    if limits.approved_unchanged > limits.runs_looked_at:
        yield (
            ("promotion", "approved_unchanged"),
            f"{limits.approved_unchanged} of the {limits.runs_looked_at} runs looked at can never"
            " be reached",
        )


def _reviewers(workflow: Workflow, settings: BundleFile) -> Iterator[tuple[Path, str]]:
    for index, role in enumerate(workflow.reviewers):
        if role not in settings.roles:
            yield ("reviewers", index), f"bundle.yml has no role {role}"
    if workflow.autonomy == "L4" and not workflow.reviewers:
        yield (
            ("autonomy",),
            "at L4 each run that ran by itself is looked at afterwards: name reviewers: [role]",
        )


def _template(
    workflow: Workflow, known: Known, value: object, path: Path
) -> Iterator[tuple[Path, str]]:
    """Each {slot} or {slot.field} of a template names what exists."""
    if not isinstance(value, str):
        return
    references = _REFERENCE.findall(value)
    if not value.count("{") == value.count("}") == len(references):
        yield path, "a brace without its pair; a reference is {slot} or {slot.field}"
    for reference in references:
        root, _, field = reference.partition(".")
        slot = workflow.slots.get(root)
        if slot is None and root not in TEMPLATE_ROOTS:
            yield path, f"{{{reference}}}: no slot {root}"
        fields = _fields(slot, known)
        if field and fields is not None and field not in fields:
            yield path, f"{{{reference}}}: {root} has the fields {', '.join(fields)}"


def _fields(slot: Slot | None, known: Known) -> Mapping[str, str] | None:
    """The fields of a record slot, None where they cannot be known."""
    if not isinstance(slot, RecordSlot) or known.finders is None:
        return None
    return known.finders.get(slot.finder)
