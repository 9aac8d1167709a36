"""The systems that a bundle declares itself: systems/<name>.yml, and the documents beside them.

    system: crm          the file's own name; what connections call their connector
    connector: sql       the kind, which says what else stands in the file

What the kind makes of it is the bot's to ask: policies do not know connectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from policies import document
from policies.document import Document
from policies.findings import Finding

FOLDER = "systems/"
BESIDE = ".json"  # what a declaration may point to: an OpenAPI document


@dataclass(frozen=True)
class System:
    """One declared system: its name, its kind, and the whole file."""

    name: str
    connector: str
    source: Document


def of(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Of a bundle's files those that declare systems, documents beside them included."""
    return {name: data for name, data in files.items() if name.startswith(FOLDER)}


def beside(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The documents that declarations may point to, by their bare name."""
    names = (PurePosixPath(name) for name in of(files))
    return {name.name: files[str(name)] for name in names if name.suffix == BESIDE}


def read(files: Mapping[str, bytes], findings: list[Finding]) -> tuple[System, ...]:
    """Every system that can be read; what cannot be is a finding."""
    found = []
    for name, data in sorted(of(files).items()):
        if name.endswith(BESIDE):
            continue
        try:
            source = document.read(name, data)
        except document.Malformed as error:
            findings.append(error.finding)
            continue
        if system := _system(source, findings):
            found.append(system)
    return tuple(found)


def _system(source: Document, findings: list[Finding]) -> System | None:
    if not isinstance(source.tree, dict):
        findings.append(source.finding((), "the file must be a mapping of keys to values"))
        return None
    before = len(findings)
    for key in ("system", "connector"):
        if key not in source.tree:
            findings.append(source.finding((), f"the key {key!r} is missing"))
        elif type(source.tree[key]) is not str:
            findings.append(source.finding((key,), f"{key}: must be a name"))
    if len(findings) > before:
        return None
    name, stem = source.tree["system"], PurePosixPath(source.file).stem
    if name != stem:
        message = f"{name} stands in a file named {stem}; a system has its file's name"
        findings.append(source.finding(("system",), message))
        return None
    return System(name, source.tree["connector"], source)
