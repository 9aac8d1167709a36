"""The folder that an admin owns, loaded whole or not at all.

    bundle.yml            environments, roles, channels, digest, connections
    workflows/*.yml       policies/workflow.py
    policies/*.yml        policies/rules.py
    prompts/*.md          text for planners
    systems/*.yml         policies/systems.py, with *.json that they point to

Nothing here executes what it reads, follows a link out of the folder or reads the environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from policies import (
    counter_references,
    document,
    planner_references,
    policy_references,
    revision,
    settings_references,
    systems,
    workflow_references,
)
from policies.compiled import Policy, compile_policies
from policies.document import BYTES_MAX, Document
from policies.facts import Catalogue
from policies.findings import BundleError, Finding
from policies.folder import is_hidden
from policies.parse import parse
from policies.rules import PolicyFile
from policies.settings_file import BundleFile
from policies.workflow import Workflow
from policies.workflow_references import Finders, Known

FILES_MAX = 200  # files of one bundle
_NAMED = re.compile(rb"^workflow:\s*([a-z][a-z0-9_-]*)", re.MULTILINE)
LEVELS = MappingProxyType({"L1": 1, "L2": 2, "L3": 3, "L4": 4})


@dataclass(frozen=True)
class Bundle:
    """A bundle as it is in force.

    `version` names it for people ("desk@5fdc2e3"), `digest` is what plan digests include: SHA-256
    over every file. `autonomy_caps` maps an environment to the highest level in it. `sources` is
    where each workflow stands, `systems` the files that declare systems of its own.
    """

    settings: BundleFile
    workflows: Mapping[str, Workflow]
    policies: tuple[Policy, ...]
    prompts: Mapping[str, str]
    digest: str
    revision: str
    sources: Mapping[str, Document] = field(default_factory=dict)
    systems: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.settings.bundle

    @property
    def version(self) -> str:
        return f"{self.name}@{self.revision}"

    @property
    def autonomy_caps(self) -> Mapping[str, int]:
        return {name: LEVELS[e.autonomy] for name, e in self.settings.environments.items()}


def connectors_of(folder: Path) -> frozenset[str]:
    """The connectors that a bundle's connections name: all that it can ever reach. None of them
    where bundle.yml cannot be read, which is a finding of `load`."""
    findings: list[Finding] = []
    try:
        data = (folder / "bundle.yml").read_bytes()[: BYTES_MAX + 1]
    except OSError:
        return frozenset()
    source = _document("bundle.yml", data, findings) if len(data) <= BYTES_MAX else None
    settings = parse(BundleFile, source, findings) if source else None
    return settings.connectors if settings else frozenset()


def systems_of(folder: Path) -> Mapping[str, bytes]:
    """The files that declare a bundle's own systems. None of them where the folder holds what no
    bundle has, which is a finding of `load`."""
    findings: list[Finding] = []
    files = _files(folder, findings)
    return {} if findings else systems.of(files)


def load(folder: Path, catalogue: Catalogue, finders: Finders | None = None) -> Bundle:
    """The bundle in a folder; raises BundleError with every finding in every file.

    `finders` None: record slots are not checked against connectors.
    """
    findings: list[Finding] = []
    files = _files(folder, findings)
    if findings:
        raise BundleError(findings)
    documents = {name: d for name, data in files.items() if (d := _document(name, data, findings))}
    settings = _settings(documents, findings)
    workflows = _workflows(documents, findings)
    policies = _policies(documents, findings)
    prompts = _prompts(files, findings)
    systems.read(files, findings)
    before = len(findings)
    counters = counter_references.counted(policies, catalogue, findings)
    is_counted = len(findings) == before and not _may_count(files, policies)
    are_policies_whole = not any(f.file.startswith("policies/") for f in findings)
    fact_types = counter_references.complete(catalogue, counters)
    policy_references.check(policies, settings, fact_types, findings, is_whole=are_policies_whole)
    if settings:
        names = {*workflows, *_unread(files, workflows)}
        settings_references.check(settings, documents["bundle.yml"], names, findings)
        texts = {Path(n).stem: data for n, data in files.items() if n.startswith("prompts/")}
        beside = planner_references.Beside(texts, names)
        known = Known(catalogue, finders, settings)
        planner_references.check(settings, documents["bundle.yml"], known, beside, findings)
    for workflow, source in workflows.values():
        known = Known(catalogue, finders, settings)
        workflow_references.check(workflow, source, known, findings)
    if is_counted:  # else what speaks of counters would be found wrong for nothing
        compile_policies(policies, fact_types, findings)
    if findings or settings is None:
        raise BundleError(findings)
    digest = revision.content_digest(files)
    return Bundle(
        settings=settings,
        workflows={name: workflow for name, (workflow, _) in workflows.items()},
        policies=policies,
        prompts=prompts,
        digest=digest,
        revision=revision.revision(folder, digest),
        sources={name: source for name, (_, source) in workflows.items()},
        systems=systems.of(files),
    )


def _files(folder: Path, findings: list[Finding]) -> dict[str, bytes]:
    """Every file of the bundle by its relative name; anything unexpected is a finding."""
    found: dict[str, bytes] = {}
    root = folder.resolve()
    if not folder.is_dir():
        findings.append(Finding(str(folder), 0, 0, "no such folder; name a bundle's folder"))
        return found
    every = (p for p in folder.rglob("*") if p.is_symlink() or not p.is_dir())
    paths = list(islice((p for p in every if not is_hidden(p, folder)), FILES_MAX + 1))
    if len(paths) > FILES_MAX:
        message = f"more than {FILES_MAX} files; name a bundle's folder"
        findings.append(Finding(str(folder), 0, 0, message))
        return found
    for path in sorted(paths):
        name = path.relative_to(folder).as_posix()
        if not path.resolve().is_relative_to(root) or not path.is_file():
            findings.append(Finding(name, 0, 0, "a link out of the bundle or no plain file"))
        elif not _is_expected(name):
            message = (
                "not part of a bundle: bundle.yml, workflows/*.yml, policies/*.yml, prompts/*.md,"
                " systems/*.yml, systems/*.json"
            )
            findings.append(Finding(name, 0, 0, message))
        elif path.stat().st_size > BYTES_MAX:
            findings.append(Finding(name, 0, 0, f"larger than {BYTES_MAX:,} bytes"))
        else:
            found[name] = path.read_bytes()
    if folder / "bundle.yml" not in paths:
        findings.append(Finding("bundle.yml", 0, 0, f"missing in {folder}"))
    return found


def _is_expected(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    return name == "bundle.yml" or (folder, Path(file).suffix) in {
        ("workflows", ".yml"),
        ("policies", ".yml"),
        ("prompts", ".md"),
        ("systems", ".yml"),
        ("systems", ".json"),
    }


def _document(name: str, data: bytes, findings: list[Finding]) -> Document | None:
    if not name.endswith(".yml"):
        return None
    try:
        return document.read(name, data)
    except document.Malformed as error:
        findings.append(error.finding)
        return None


def _settings(documents: Mapping[str, Document], findings: list[Finding]) -> BundleFile | None:
    source = documents.get("bundle.yml")
    return parse(BundleFile, source, findings) if source else None


def _workflows(
    documents: Mapping[str, Document], findings: list[Finding]
) -> dict[str, tuple[Workflow, Document]]:
    found: dict[str, tuple[Workflow, Document]] = {}
    for name, source in documents.items():
        if not name.startswith("workflows/") or not (one := parse(Workflow, source, findings)):
            continue
        if one.workflow in found:
            other = found[one.workflow][1].file
            findings.append(source.finding(("workflow",), f"{one.workflow} is also in {other}"))
        found[one.workflow] = (one, source)
    return found


def _unread(
    files: Mapping[str, bytes], workflows: Mapping[str, tuple[Workflow, Document]]
) -> set[str]:
    """The names of workflows that could not be read, which are a finding already: a workflow's name
    as it stands in a line of the file, or the file's own."""
    read = {source.file for _, source in workflows.values()}
    unread = [name for name in files if name.startswith("workflows/") and name not in read]
    named = [_NAMED.search(files[name]) for name in unread]
    return {*(Path(n).stem for n in unread), *(m[1].decode() for m in named if m)}


def _may_count(files: Mapping[str, bytes], policies: tuple[Policy, ...]) -> bool:
    """Whether a policy file that could not be read may declare counters that others speak of."""
    read = {policy.document.file for policy in policies}
    unread = (d for n, d in files.items() if n.startswith("policies/") and n not in read)
    return any(b"counters:" in data for data in unread)


def _policies(documents: Mapping[str, Document], findings: list[Finding]) -> tuple[Policy, ...]:
    return tuple(
        Policy(file, source)
        for name, source in documents.items()
        if name.startswith("policies/") and (file := parse(PolicyFile, source, findings))
    )


def _prompts(files: Mapping[str, bytes], findings: list[Finding]) -> dict[str, str]:
    prompts = {}
    for name, data in files.items():
        if name.endswith(".md"):
            try:
                prompts[Path(name).stem] = data.decode()
            except UnicodeDecodeError as error:
                findings.append(Finding(name, 0, 0, f"not UTF-8 at byte {error.start}"))
    return prompts
