"""What was found, beside what the case lists."""

from __future__ import annotations

from evals.keeping.results import Grade


def same(
    grader: str, found: tuple[str, ...], wanted: tuple[str, ...] | None, what: str, nothing: str
) -> Grade | None:
    """The same names in the same order, where the case lists any: "asked for slot instead of
    nothing". `what` is said before them, `nothing` where there are none."""
    if wanted is None:
        return None
    why = f"{what}{listed(found, nothing)} instead of {listed(wanted, nothing)}"
    return Grade(grader=grader, passed=found == wanted, why="" if found == wanted else why)


def listed(names: tuple[str, ...], nothing: str) -> str:
    """ "a, b", or the word for none."""
    return ", ".join(names) or nothing
