"""The only importer of z3: formulas, and questions about them with a bounded effort.

An answer that would take longer than RESOURCES_MAX is "unknown", of which nothing is claimed. The
bound counts the solver's own steps, not time, so that the answer is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import z3

RESOURCES_MAX = 2_000_000  # solver steps of one question, about half a second; most take 2,000
MINIMISED_MAX = 20  # formulas of one core that are tried out one by one

# z3's own classes have no types. A Formula may also be a plain bool, which keeps formulas small.
Formula = Any
Term = Any
Answer = Literal["sat", "unsat", "unknown"]
_ANSWERS: Mapping[int, Answer] = {
    z3.Z3_L_TRUE: "sat",
    z3.Z3_L_FALSE: "unsat",
    z3.Z3_L_UNDEF: "unknown",
}


def conj(parts: Iterable[Formula]) -> Formula:
    """True where all are."""
    kept = [part for part in parts if part is not True]
    if any(part is False for part in kept):
        return False
    return True if not kept else kept[0] if len(kept) == 1 else _joined(z3.Z3_mk_and, kept)


def disj(parts: Iterable[Formula]) -> Formula:
    """True where any is."""
    kept = [part for part in parts if part is not False]
    if any(part is True for part in kept):
        return True
    return False if not kept else kept[0] if len(kept) == 1 else _joined(z3.Z3_mk_or, kept)


def neg(part: Formula) -> Formula:
    """True where it is not."""
    if isinstance(part, bool):
        return not part
    context = z3.main_ctx()
    return z3.BoolRef(z3.Z3_mk_not(context.ref(), part.ast), context)


def _joined(make: Any, parts: Sequence[Formula]) -> Formula:
    """What z3.And and z3.Or give of formulas, which they first look at one by one."""
    context = z3.main_ctx()
    return z3.BoolRef(make(context.ref(), len(parts), _refs(parts)), context)


def _refs(parts: Sequence[Formula]) -> Any:
    """The formulas as z3's library takes them."""
    return (z3.Ast * len(parts))(*(part.ast for part in parts))


def either(guard: Formula, one: Term, other: Term) -> Term:
    """`one` where the guard holds, else `other`."""
    if isinstance(guard, bool):
        return one if guard else other
    return z3.If(guard, one, other)


class Session:
    """Facts as variables, what is known of them, and questions."""

    def __init__(self) -> None:
        self._solver = z3.SolverFor("QF_LIA")
        self._solver.set("rlimit", RESOURCES_MAX)
        self._codes: dict[str, int] = {}

    def number(self, name: str) -> Term:
        """An integer variable, always the same for the same name."""
        return z3.Int(name)

    def flag(self, name: str) -> Formula:
        """A variable that is true or false, always the same for the same name."""
        return z3.Bool(name)

    def code(self, text: str) -> int:
        """The number that stands for a text. Numbers of texts that nobody wrote are free."""
        return self._codes.setdefault(text, len(self._codes))

    def know(self, formula: Formula) -> None:
        """What holds in every question from here on."""
        if formula is not True:
            self._solver.add(formula)

    def name(self, name: str, formula: Formula) -> Formula:
        """A variable that is true exactly where the formula is."""
        named = z3.Bool(name)
        self._solver.add(named == formula)
        return named

    def exclusive(self, name: str, formulas: Iterable[Formula]) -> Formula:
        """A variable under which at most one of the formulas is true. Asking whether one of them
        holds beside it is asking whether it can hold without all others, at the cost of one."""
        alone, which = z3.Bool(name), z3.Int(f"{name}, which")
        for index, formula in enumerate(formulas):
            self.know(disj([neg(alone), neg(formula), which == index]))
        return alone

    def ask(self, *formulas: Formula) -> Answer:
        """Whether all can hold together."""
        if any(formula is False for formula in formulas):
            return "unsat"
        assumed = [formula for formula in formulas if formula is not True]
        context = self._solver.ctx.ref()
        answer = z3.Z3_solver_check_assumptions(
            context, self._solver.solver, len(assumed), _refs(assumed)
        )
        return _ANSWERS[answer]

    def blame(self, named: Mapping[str, Formula], *formulas: Formula) -> tuple[str, ...]:
        """Names of formulas that cannot hold together with `formulas`, none of them dispensable
        where they are few; empty where that is not known."""
        open_ = {name: formula for name, formula in named.items() if formula is not True}
        if self.ask(*formulas, *open_.values()) != "unsat":
            return ()
        if any(formula is False for formula in open_.values()):
            return tuple(name for name, formula in open_.items() if formula is False)[:1]
        core = {part.ast.value for part in self._solver.unsat_core()}  # z3 has each formula once
        kept = {name: formula for name, formula in open_.items() if formula.ast.value in core}
        for name in list(kept) if len(kept) <= MINIMISED_MAX else ():
            rest = {n: f for n, f in kept.items() if n != name}
            if self.ask(*formulas, *rest.values()) == "unsat":
                kept = rest
        return tuple(kept)

    def largest(
        self, term: Term, at_most: int, hints: Iterable[int], *formulas: Formula
    ) -> int | None:
        """The largest value of a term where all formulas hold, `at_most` where it can be as large,
        None where nothing satisfies them or the effort was too small. `hints` are likely answers.
        """
        if self.ask(*formulas) != "sat":
            return None
        low, high = self._value(term), at_most
        if self.ask(term >= high, *formulas) == "sat":
            return at_most
        tries = sorted({h + more for h in hints for more in (0, 1) if low < h + more < high})
        while low + 1 < high:
            middle = tries.pop(len(tries) // 2) if tries else (low + high) // 2
            answer = self.ask(term >= middle, *formulas)
            if answer == "unknown":
                return None
            if answer == "sat":
                low = max(middle, self._value(term))
            else:
                high = middle
            tries = [t for t in tries if low < t < high]
        return low

    def _value(self, term: Term) -> int:
        found = self._solver.model().eval(term, model_completion=True)
        return int(found.as_long())
