"""A new workflow in a bundle: its file, the line that names it, and what judges it.

Nothing is asked: the slots are read off the operation's parameters, the examples off the test
world of its connector. The whole bundle is checked with it before anything is written.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot import systems
from bot.bundle.reach import out_of_reach
from bot.catalogue import examined, writes
from bot.errors import CommandError
from bot.planner.planner import Ask, Asked, Draft
from bot.planner.rules import RulesPlanner
from bot.scaffolding import judging, sentences, suite
from bot.scaffolding.connector import checkout
from bot.scaffolding.editing import with_workflow
from bot.scaffolding.hearing import unsound_examples
from bot.scaffolding.names import checked_workflow
from bot.scaffolding.placing import place
from bot.scaffolding.rendering import rendered
from bot.scaffolding.slots import Filling, filling
from bot.scaffolding.yaml import flow, scalar
from bot.settings import BUNDLE_SHIPPED
from connectors import registry
from connectors.conformance.world import NonconformingError, Search, World, world
from connectors.operation import Connector, Operation, Value
from policies.bundle import Bundle
from policies.findings import Finding

FINDINGS_SHOWN = 10


@dataclass(frozen=True)
class Task:
    """A new workflow of one operation in a bundle."""

    name: str
    bundle: Bundle
    folder: Path
    connector: Connector
    operation: Operation[Any]
    connections: tuple[str, ...]
    filling: Filling
    unsound: frozenset[str] = frozenset()  # sentences that would not be understood as they say


def create(name: str, operation: str, folder: Path | None) -> str:
    """Writes a new workflow and says what to do next. Raises CommandError."""
    checked_workflow(name)
    task = _task(name, operation, folder or _shipped())
    root, files = files_of(task)
    settings = (task.folder / "bundle.yml").read_text(encoding="utf-8")
    edited = with_workflow(settings, name, task.connections)
    inside = task.folder.relative_to(root)
    bundle = _whole(task, inside, {**files, (inside / "bundle.yml").as_posix(): edited})
    if unsound := unsound_examples(bundle, name, task.operation, task.filling):
        task = replace(task, unsound=unsound)
        _, files = files_of(task)
    place(root, files, {(inside / "bundle.yml").as_posix(): (settings, edited)})
    return _told(task, root, files)


def files_of(task: Task) -> tuple[Path, Mapping[str, str]]:
    """The root, and every new file by its path under it."""
    root, here = task.folder, checkout()
    if here and task.folder.is_relative_to(here):
        root = here
    inside = task.folder.relative_to(root)
    files = {(inside / "workflows" / f"{task.name}.yml").as_posix(): workflow_text(task)}
    if not judging.is_allowed(task.bundle, task.operation.name):
        text = judging.policy_text(task.name, task.bundle, task.operation)
        files[(inside / "policies" / f"{task.name}.yml").as_posix()] = text
    if root == here:
        files[f"tests/bot/workflows/test_{task.name.replace('-', '_')}.py"] = _test(task, inside)
    if task.connector.name == "desk" and root == here and task.folder == BUNDLE_SHIPPED:
        files |= suite.files(task.name, task.operation.name, task.filling)
    return root, files


def workflow_text(task: Task) -> str:
    """The workflow's file."""
    name, operation, its = task.name, task.operation, task.filling
    whole = sentences.whole(name, its)
    lacking, slot = sentences.lacking(name, its)
    verb = bare = sentences.verb(name)
    examples: list[dict[str, Value]] = [
        *([{"say": whole, "plan": [operation.name]}] if whole else []),
        *([{"say": lacking, "asks": slot}] if slot else []),
        *([{"say": bare, "asks": its.slots[0].name}] if slot and bare != lacking else []),
        {"say": sentences.forbidden(name, its), "refuses": True},
    ]
    step = operation.name.partition(".")[2].replace("_", "-")
    used = flow({"use": operation.name, "with": its.templates})
    lines = [
        f"workflow: {name}",
        f"title: {scalar(verb.capitalize())}",
        f"why: {scalar(f'{operation.title}, as somebody asked for it.')}",
        f"owner: {scalar(task.bundle.name)}",
        "autonomy: L2",
        "",
        "slots:",
        *(f"  {each.name}: {flow(each.declared)}" for each in its.slots),
        "",
        f"verbs: {flow([verb])}",
        "",
        "understands:",
        *(f"  - {scalar(each)}" for each in sentences.patterns(name, its)),
        "",
        "steps:",
        f"  - {step}: {used}",
        "",
        "approval_minutes: 240",
        'budget: {tool_calls: 20, wall_clock_seconds: 120, spend_usd: "0.10"}',
        f'outcome: {{unit: {scalar(verb)}, price_usd: "0.10"}}',
        "# How long it takes by hand, in minutes and touches, and when that was measured.",
        'baseline: {minutes: 5, measured: "2026-10", touches: 2}',
        "reject_reasons: [wrong record, not yet]",
        "",
        "examples:",
        *(f"  - {flow(each)}" for each in examples if each["say"] not in task.unsound),
    ]
    return "\n".join(lines) + "\n"


def _test(task: Task, inside: Path) -> str:
    names = {
        "workflow": task.name,
        "connector": task.connector.name,
        "bundle": " / ".join(f'"{part}"' for part in inside.parts),
    }
    return rendered("workflow/test.py.txt", names)


def _task(name: str, operation: str, folder: Path) -> Task:
    folder = folder.absolute()
    checked = examined(folder)
    if checked.bundle is None or checked.findings:
        _refuse(
            f"The bundle in {folder} has problems of its own; mend them first", checked.findings
        )
    bundle = checked.bundle
    assert bundle is not None
    if name in bundle.workflows:
        raise CommandError(f"The bundle {bundle.name} has a workflow {name} already.")
    connector, found = _operation(bundle, operation)
    sample, records = _known(connector, found.name)
    return Task(
        name=name,
        bundle=bundle,
        folder=folder,
        connector=connector,
        operation=found,
        connections=_connections(bundle, connector, found),
        filling=filling(found, connector.finders, sample, records),
    )


def _shipped() -> Path:
    if checkout() is None:
        raise CommandError("Name the bundle's folder with --bundle; Assent's own is not yours.")
    return BUNDLE_SHIPPED


def _operation(bundle: Bundle, name: str) -> tuple[Connector, Operation[Any]]:
    try:
        return systems.operation(bundle, name)
    except KeyError:
        pass
    offered = sorted(o.name for c in systems.reached(bundle) for o in c.operations)
    if registry.is_taken(name):
        connector, _ = registry.operation(name)
        raise CommandError(
            f"{name} is of the connector {connector.name}, and no connection in bundle.yml names"
            " it. Write the connection first: its account, scopes, address and secret."
        )
    raise CommandError(
        f"There is no operation {name[:60]!r}; the bundle reaches {', '.join(offered)}."
    )


def _connections(
    bundle: Bundle, connector: Connector, operation: Operation[Any]
) -> tuple[str, ...]:
    """In each environment, a connection that reads, and the first that may do the operation."""
    ours = {n: c for n, c in bundle.settings.connections.items() if c.connector == connector.name}
    able = [name for name, each in ours.items() if operation.scopes <= set(each.scopes)]
    if not able:
        raise CommandError(
            f"No connection in bundle.yml may do {operation.name}: give one of"
            f" {', '.join(ours)} the scopes {', '.join(sorted(operation.scopes))}."
        )
    chosen: list[str] = []
    for environment in dict.fromkeys(ours[name].environment for name in able):
        readers = [
            name
            for name, each in ours.items()
            if each.environment == environment and not any(map(writes, each.scopes))
        ]
        writer = next(name for name in able if ours[name].environment == environment)
        chosen += [*readers[:1], writer]
    return tuple(chosen)


def _known(connector: Connector, operation: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """Parameters and records of the connector's test world, as people say them; nothing without."""
    try:
        its: World = world(connector.name)
    except NonconformingError:
        return {}, {}
    sample = its.samples.get(operation)
    found = {name: _said(search) for name, search in its.searches.items()}
    return (dict(sample.params) if sample else {}), found


def _said(search: Search) -> str:
    """What names its record in an example: a number, an e-mail address, else the search's words."""
    if search.finds.isdigit():
        return search.finds
    email = next((word for word in search.words.split() if "@" in word), "")
    return email or search.words


def _whole(task: Task, inside: Path, files: Mapping[str, str]) -> Bundle:
    """The bundle with the new files in it. Raises CommandError unless it is in order."""
    with tempfile.TemporaryDirectory(prefix="assent-new-") as made:
        copy = Path(made) / "bundle"
        shutil.copytree(task.folder, copy)
        for name, text in files.items():
            path = Path(name)
            if path.is_relative_to(inside):
                target = copy / path.relative_to(inside)
                target.parent.mkdir(exist_ok=True)
                target.write_text(text, encoding="utf-8")
        checked = examined(copy)
        findings = checked.findings
        if checked.bundle is not None and not findings:
            findings = out_of_reach(checked.bundle)
    if findings or checked.bundle is None:
        _refuse("The bundle would have problems with it; nothing was written", findings)
    assert checked.bundle is not None
    _check_meant(task, checked.bundle)
    return checked.bundle


def _check_meant(task: Task, bundle: Bundle) -> None:
    """Raises CommandError where its name, said, would mean another workflow too."""
    said, _ = sentences.lacking(task.name, task.filling)
    workflows = tuple(bundle.workflows.values())
    planned = RulesPlanner().plan(Asked(said, workflows, lambda *_: ()))
    is_meant = isinstance(planned, Ask | Draft) and planned.workflow == task.name
    if not is_meant:
        raise CommandError(
            f"{said!r} is understood as another workflow of {bundle.name} as well, so nobody could"
            " say which is meant. Nothing was written; take another name."
        )


def _refuse(why: str, findings: tuple[Finding, ...]) -> None:
    listed = "\n".join(f"  {each}" for each in findings[:FINDINGS_SHOWN])
    raise CommandError(f"{why}:\n{listed}")


def _told(task: Task, root: Path, files: Mapping[str, str]) -> str:
    inside = task.folder.relative_to(root)
    written = [f"  {path}" for path in files]
    assent = ".venv/bin/assent" if root == checkout() else "assent"
    shown = inside if root == checkout() else task.folder
    lines = [f"Wrote in {root}:", *written, f"and named {task.name} in bundle.yml.", ""]
    lines += ["It passes as it is:", f"  {assent} policy check {shown}"]
    lines += [f"  {assent} policy test {shown}"]
    lines += [f"  .venv/bin/pytest -q {path}" for path in files if path.startswith("tests/")]
    if any(path.startswith("evals/") for path in files):
        lines.append(f"  .venv/bin/agent-eval run --suite {suite.name_of(task.name)}")
    else:
        lines.append(
            f"No suite was begun: worlds of suites have the orders desk alone, and"
            f" {task.operation.name} is not its own."
        )
    lines += ["", "Then make it yours:"]
    lines += [f"  {number}. {each}" for number, each in enumerate(_next(task), start=1)]
    return "\n".join(lines)


def _next(task: Task) -> tuple[str, ...]:
    lacks_plan = sentences.whole(task.name, task.filling) in {"", *task.unsound}
    return (
        *task.filling.remarks,
        *(("examples: none shows a plan yet; write one as people say it",) if lacks_plan else ()),
        "why, owner, verbs and understands: how people say it; slots' words in other languages",
        "examples: sentences that people really wrote",
        "baseline: what it takes by hand",
    )
