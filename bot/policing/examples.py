"""What admins read in the terminal about a bundle's own examples: do they hold, what do they leave
open."""

from __future__ import annotations

from pathlib import Path

from bot.catalogue import fact_types, loaded
from bot.policing.checking import in_force
from bot.systems import reached
from policies.examined import Examined, examine


def test(folder: Path | None, *, is_strict: bool) -> tuple[bool, str]:
    """Whether a bundle's examples hold, and the report. None: the bundle in force.

    `is_strict`: what they leave open counts as well. Raises BundleError for a bundle that does not
    load.
    """
    bundle = loaded(in_force(folder))
    examined = examine(bundle, fact_types(reached(bundle)))
    is_open = bool(examined.coverage.uncovered or examined.surviving)
    return not examined.failing and not (is_strict and is_open), report(examined)


def report(examined: Examined) -> str:
    """The examples that fail, else what no example touches and the changes that none notices."""
    if examined.failing:
        count = len(examined.failing)
        said = f"{count} of {examined.examples} examples fail; nothing else was tried"
        return "\n".join([*map(str, examined.failing), said])
    covered = examined.coverage
    noticed = examined.mutants - len(examined.surviving)
    return "\n".join(
        [
            f"{examined.examples} examples hold",
            f"{covered.rules[0]} of {covered.rules[1]} rules match in one and not in another",
            f"{covered.conditions[0]} of {covered.conditions[1]} conditions are true in one and"
            " false in another",
            *(f"  {finding}" for finding in covered.uncovered),
            f"{noticed} of {examined.mutants} small changes of the rules make an example fail"
            + ("; these do not:" if examined.surviving else ""),
            *(f"  {finding}" for finding in examined.surviving),
        ]
    )
