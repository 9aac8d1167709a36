"""What policy files say about bundle.yml, the connectors and each other: every name must exist."""

from __future__ import annotations

from collections.abc import Iterator

from policies.compiled import Policy
from policies.document import Document, Path
from policies.facts import Catalogue
from policies.findings import Finding
from policies.rules import EVERY_OPERATION, Example, PolicyFile
from policies.settings_file import BundleFile


def check(
    policies: tuple[Policy, ...],
    settings: BundleFile | None,
    catalogue: Catalogue,
    findings: list[Finding],
    *,
    is_whole: bool = True,
) -> None:
    """Unique policy and rule names, known roles, well-formed examples. `catalogue` has every fact
    of each operation, the common ones and its counters' too. Not `is_whole`: some file or counter
    is missing, so that a name that nobody knows is no mistake of its own."""
    before = len(findings)
    names: dict[str, str] = {}
    rules: dict[str, str] = {}
    for policy in policies:
        file, source = policy.file, policy.document
        _once(names, file.policy, source, ("policy",), findings)
        for index, rule in enumerate(file.rules):
            _once(rules, rule.id, source, ("rules", index, "id"), findings)
            for at, ask in enumerate(rule.require):
                for role in ask.roles:
                    _role(settings, role, source, ("rules", index, "require", at), findings)
    is_known = is_whole and len(findings) == before
    for policy in policies:
        missed: set[str] = set()
        for index, example in enumerate(policy.file.examples):
            for path, message in _example(policy.file, example, catalogue, is_known=is_known):
                findings.append(policy.document.finding(("examples", index, *path), message))
            for at, name in enumerate(example.rules or ()):
                if is_known and name not in rules and name not in missed:
                    where: Path = ("examples", index, "rules", at)
                    findings.append(policy.document.finding(where, f"no rule {name}"))
                    missed.add(name)


def _example(
    file: PolicyFile, example: Example, catalogue: Catalogue, *, is_known: bool
) -> Iterator[tuple[Path, str]]:
    """What is wrong with an example's shape, with the path within it."""
    operation = operation_of(file, example)
    if operation is None:
        yield (), "say which `operation`: the file applies to several"
    elif file.applies_to != EVERY_OPERATION and operation not in file.applies_to:
        yield ("operation",), f"the file does not apply to {operation}"
    elif operation not in catalogue:
        if file.applies_to == EVERY_OPERATION:  # else it is a finding where the file names it
            yield ("operation",), f"no connector offers the operation {operation}"
    elif is_known:
        for name in example.facts:
            if name not in catalogue[operation]:
                yield ("facts", name), f"{name} is not a fact of {operation}"
    if (example.expect == "needs approval") != bool(example.approvers):
        yield (), "`approvers` stand with `expect: needs approval`, and only there"


def operation_of(file: PolicyFile, example: Example) -> str | None:
    """The operation that an example is about, None where the file leaves it open."""
    if example.operation or file.applies_to == EVERY_OPERATION:
        return example.operation
    return file.applies_to[0] if len(file.applies_to) == 1 else None


def _once(
    known: dict[str, str], name: str, source: Document, path: Path, findings: list[Finding]
) -> None:
    if name in known:
        findings.append(source.finding(path, f"{name} is also in {known[name]}; names are unique"))
    known.setdefault(name, source.file)


def _role(
    settings: BundleFile | None, role: str, source: Document, path: Path, findings: list[Finding]
) -> None:
    if settings and role not in settings.roles:
        message = f"no role {role} in bundle.yml; there is {', '.join(settings.roles)}"
        findings.append(source.finding(path, message))
