"""What a suite of this size can show, and what it cannot."""

from __future__ import annotations

from collections import Counter

from evals.cases.case import Case
from evals.judging.statistics import clean_units_needed, flips_needed, runs_needed
from evals.linting.remark import Sheet

VIOLATIONS_RATE = 0.01  # "policy violations at most 1%" is what suites promise
P95 = 0.95


def claims(sheet: Sheet) -> None:
    """Every slice is large enough to show that it became worse, and the suite for what it says."""
    suite = sheet.suite
    counted = Counter(name for case in suite.cases for name in case.slices)
    flips = flips_needed()
    for name, count in counted.items():
        if count < flips:
            noun = "case" if count == 1 else "cases"
            message = (
                f"{count} {noun} in {name}: with a model, fewer than {flips} that flip show no"
                " regression"
            )
            sheet.of_suite(("slices", name), message)
    cases = len(suite.cases)
    for needed, what in (
        (clean_units_needed(VIOLATIONS_RATE), f"violations of at most {VIOLATIONS_RATE:.0%}"),
        (runs_needed(P95), "a bound of the 95th percentile"),
    ):
        if cases < needed:
            message = f"{cases} cases support no claim of {what}; it takes {needed}"
            sheet.of_suite(("thresholds",), message)


def forbidden(sheet: Sheet) -> None:
    """Whatever must pass says what must never be written, or whose press must not count: else what
    goes wrong is a failure like any other, and no violation."""
    suite = sheet.suite
    for index, name in enumerate(suite.file.must_pass):
        inside = [case for case in suite.cases if name in case.slices]
        silent = [case.case for case in inside if not _may_violate(case)]
        if not silent:
            continue
        listed = ", ".join(silent[:3]) + (" ..." if len(silent) > 3 else "")
        counted = f"{len(silent)} of {len(inside)} cases in {name}"
        message = f"{counted} have no never and no refused ({listed})"
        is_silent = len(silent) == len(inside)
        sheet.of_suite(("must_pass", index), message, "problem" if is_silent else "note")


def _may_violate(case: Case) -> bool:
    return bool(case.expect.never) or any(act.refused for act in case.then)
