"""A bundle checked whole: loaded, compiled and analysed. What has findings is not put in force.

Pure of the clock: the same files give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policies.bundle import Bundle, load
from policies.ceiling import Ceiling
from policies.facts import Catalogue
from policies.findings import BundleError, Finding
from policies.workflow_references import Finders


@dataclass(frozen=True)
class Checked:
    """What was found. `bundle` is None where it could not be loaded at all; a bundle with findings
    can be looked at, and is not put in force. `ceilings`: what each workflow may do by itself."""

    bundle: Bundle | None
    findings: tuple[Finding, ...]
    ceilings: tuple[Ceiling, ...] = ()


def check(folder: Path, catalogue: Catalogue, finders: Finders | None) -> Checked:
    """Everything that is wrong with the bundle in a folder, and what it lets run by itself.

    `finders` None: record slots are not checked against connectors. The solver is loaded here and
    not before, so that a start that need not ask does not pay for it.
    """
    try:
        bundle = load(folder, catalogue, finders)
    except BundleError as error:
        return Checked(None, error.findings)
    from policies.analysis.analyse import analyse

    findings, ceilings = analyse(bundle, catalogue)
    return Checked(bundle, findings, ceilings)
