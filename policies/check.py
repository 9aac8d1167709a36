"""A bundle checked whole: loaded, compiled and analysed. What has findings is not put in force.

Pure of the clock: the same files give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policies.bundle import Bundle, load
from policies.facts import Catalogue
from policies.findings import BundleError, Finding
from policies.workflow_references import Finders


@dataclass(frozen=True)
class Ceiling:
    """What a workflow may do without a person, as one sentence. `file` is the workflow's."""

    file: str
    workflow: str
    environment: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}: without a person in {self.environment}: {self.sentence}"


@dataclass(frozen=True)
class Checked:
    """What was found. `bundle` is None where it could not be loaded at all; a bundle with findings
    can be looked at, and is not put in force."""

    bundle: Bundle | None
    findings: tuple[Finding, ...]
    ceilings: tuple[Ceiling, ...] = ()


def check(folder: Path, catalogue: Catalogue, finders: Finders | None) -> Checked:
    """Everything that is wrong with the bundle in a folder, and what it lets run by itself.

    `finders` None: record slots are not checked against connectors.
    """
    try:
        bundle = load(folder, catalogue, finders)
    except BundleError as error:
        return Checked(None, error.findings)
    return Checked(bundle, ())
