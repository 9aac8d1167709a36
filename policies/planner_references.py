"""What the `planner:` section says about the rest of the bundle and about the connectors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from policies.document import Document, Path
from policies.findings import Finding
from policies.planner_section import PlannerSection, Specialist
from policies.settings_file import BundleFile
from policies.workflow_references import Known

Found = Iterator[tuple[Path, str]]


@dataclass(frozen=True)
class Beside:
    """What else the bundle's folder holds, by name: texts for planners, and workflows."""

    prompts: Mapping[str, bytes]
    workflows: Collection[str]


def check(
    settings: BundleFile, source: Document, known: Known, beside: Beside, findings: list[Finding]
) -> None:
    """Known models, reads, roles, prompts and workflows, each workflow with one specialist."""
    if settings.planner is None:
        return
    at: Path = ("planner",)
    found = [
        *_model(settings.planner, settings.planner.model, (*at, "model")),
        *_prompt(settings.planner.prompt, beside, (*at, "prompt")),
        *_reads(settings.planner.reads, settings, known, at),
        *_specialists(settings, known, beside),
    ]
    findings += [source.finding(path, message) for path, message in found]


def _model(planner: PlannerSection, model: str, path: Path) -> Found:
    if model not in planner.prices:
        known = ", ".join(planner.prices)
        yield path, f"{model} has no price; prices has {known}"


def _prompt(name: str, beside: Beside, path: Path) -> Found:
    text = beside.prompts.get(name)
    if text is None:
        yield path, f"there is no prompts/{name}.md"
    elif not text.strip():
        yield path, f"prompts/{name}.md is empty"


def _reads(
    reads: Mapping[str, tuple[str, ...]], settings: BundleFile, known: Known, at: Path
) -> Found:
    for name, roles in reads.items():
        path: Path = (*at, "reads", name)
        if known.finders is not None and name not in {*known.finders, *known.catalogue}:
            yield path, f"no connector offers the finder or the operation {name}"
        if not roles:
            yield path, f"{name} is for nobody; name roles, or leave it out"
        for index, role in enumerate(roles):
            if role not in settings.roles:
                yield (*path, index), f"no role {role}; there is {', '.join(settings.roles)}"


def _specialists(settings: BundleFile, known: Known, beside: Beside) -> Found:
    assert settings.planner is not None
    owners: dict[str, str] = {}
    if settings.planner.specialists:
        yield from _prompt(settings.planner.coordinator, beside, ("planner", "coordinator"))
    for name, specialist in settings.planner.specialists.items():
        at: Path = ("planner", "specialists", name)
        if specialist.model is not None:
            yield from _model(settings.planner, specialist.model, (*at, "model"))
        yield from _prompt(specialist.prompt, beside, (*at, "prompt"))
        yield from _reads(specialist.reads or {}, settings, known, at)
        yield from _workflows(name, specialist, owners, beside, at)


def _workflows(
    name: str, specialist: Specialist, owners: dict[str, str], beside: Beside, at: Path
) -> Found:
    for index, workflow in enumerate(specialist.workflows):
        path: Path = (*at, "workflows", index)
        is_first = specialist.workflows.index(workflow) == index
        owner = owners.setdefault(workflow, name)
        if workflow not in beside.workflows:
            yield path, f"no workflow {workflow}"
        elif not is_first:
            yield path, f"{workflow} stands here twice; remove one"
        elif owner != name:
            yield path, f"{workflow} is also {owner}'s; a workflow has one specialist"
