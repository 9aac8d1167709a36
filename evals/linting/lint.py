"""`agent-eval lint`: everything that can be said about a suite without running it."""

from __future__ import annotations

from pathlib import Path

from evals.cases import suite, vocabulary
from evals.cases.suite import BUNDLES, SuiteError
from evals.linting.claims import claims, forbidden
from evals.linting.contradictions import contradictions
from evals.linting.names import names
from evals.linting.remark import Check, Remark, Sheet
from evals.linting.sameness import copies, duplicates, sameness
from policies.findings import BundleError

CHECKS: tuple[Check, ...] = (
    names,
    contradictions,
    duplicates,
    copies,
    forbidden,
    sameness,
    claims,
)


def lint(folder: Path, bundles: Path = BUNDLES) -> tuple[Remark, ...]:
    """What is to be said about the suite in a folder, problems first, then by place.

    A suite or a bundle that cannot be loaded has what is wrong with it as problems.
    """
    try:
        loaded = suite.load(folder, bundles)
        words = vocabulary.read(bundles / loaded.file.bundle)
    except (SuiteError, BundleError) as error:
        return tuple(Remark(finding) for finding in error.findings)
    sheet = Sheet(loaded, words, [])
    for check in CHECKS:
        check(sheet)
    return tuple(sorted(set(sheet.remarks), key=lambda r: (r.severity == "note", r)))


def has_problems(remarks: tuple[Remark, ...]) -> bool:
    """Whether the suite is to be mended: then the command fails."""
    return any(remark.severity == "problem" for remark in remarks)
