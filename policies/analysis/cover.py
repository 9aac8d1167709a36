"""Which rules make another one superfluous, asked of the solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from policies.analysis.logic import Key, Logic, Rules, Written, demand
from policies.analysis.solver import Formula, conj, disj, neg
from policies.requirements import asked, union
from store.model.decision import Requirement

COHORTS_MAX = 6  # sets of rules of one operation that are told to the solver once for all


@dataclass
class Cover:
    """The rules of a bundle that still count, and what they do to each other."""

    rules: Rules
    alive: dict[Key, Written]
    _cohorts: dict[tuple[str, frozenset[Key]], Formula] = field(default_factory=dict)
    _named: dict[tuple[str, str, frozenset[Key]], Formula] = field(default_factory=dict)
    _sets: dict[tuple[str, str | Requirement], frozenset[Key]] = field(default_factory=dict)

    def remove(self, key: Key) -> None:
        """The rule covers nothing any more."""
        self.alive.pop(key, None)
        self._sets.clear()

    def denials(self, logic: Logic) -> frozenset[Key]:
        """Every other denial that judges the same operation."""
        return self._of(logic, "deny")

    def demands(self, logic: Logic) -> frozenset[Key]:
        """Every other requirement on the same operation that asks for some of the same."""
        own = [q for ask in logic.written.rule.require for q in asked(ask, "", "")]
        return frozenset(key for q in own for key in self._dominating(logic, q))

    def is_dead(self, logic: Logic) -> bool:
        """Whether the rule can never match."""
        return self._asks(logic) == "unsat"

    def is_covered(self, logic: Logic, others: frozenset[Key]) -> bool:
        """Whether the rule matches only where one of the others does."""
        return self._cannot(logic, others)

    def matters(self, logic: Logic) -> bool:
        """Whether the rule can match where nothing denies and something allows, without any other
        that asks for as much: the one question to which most rules answer yes."""
        beside = [self._quiet(logic)]
        if logic.written.rule.effect == "require":
            own = asked(logic.written.rule.require[0], "", "")[0]
            others = self._dominating(logic, own)
            beside += [self._cohort(logic, others)] if others else []
            allows = self._of(logic, "allow")
            beside += [self._once("granted", logic, allows, disj)] if allows else []
        return self._asks(logic, *beside) == "sat"

    def is_silenced(self, logic: Logic) -> bool:
        """Whether the rule matches only where something denies."""
        return self._asks(logic, self._quiet(logic)) == "unsat"

    def is_ungranted(self, logic: Logic) -> bool:
        """Whether the rule matches only where nothing allows, although something could."""
        allows = self._of(logic, "allow")
        if not allows:
            return False
        granted = self._once("granted", logic, allows, disj)
        return self._asks(logic, self._quiet(logic), granted) == "unsat"

    def is_asked_for(self, logic: Logic) -> bool:
        """Whether others ask for at least as much wherever the rule matches and is not denied."""
        own = [q for ask in logic.written.rule.require for q in asked(ask, "", "")]
        quiet = self._quiet(logic)
        return all(
            (others := self._dominating(logic, q)) and self._cannot(logic, others, quiet)
            for q in own
        )

    def is_always(self, logic: Logic) -> bool:
        """Whether the rule matches or fails whatever the facts are."""
        judged = self.rules.judged(logic.operation)
        return judged.session.ask(neg(logic.matches), neg(logic.fails)) == "unsat"

    def blame(self, logic: Logic, others: Callable[[Logic], frozenset[Key]]) -> tuple[Key, ...]:
        """Those of the others without which the rule would matter."""
        judged = self.rules.judged(logic.operation)
        keys = {f"{file} {index}": (file, index) for file, index in sorted(others(logic))}
        named = {name: judged.rules[key].is_silent for name, key in keys.items()}
        quiet = [self._quiet(logic)] if others == self.demands else []
        return tuple(keys[name] for name in judged.session.blame(named, logic.matches, *quiet))

    def _asks(self, logic: Logic, *formulas: Formula) -> str:
        return self.rules.judged(logic.operation).session.ask(logic.matches, *formulas)

    def _cannot(self, logic: Logic, others: frozenset[Key], *beside: Formula) -> bool:
        """Whether the rule cannot match without one of the others."""
        return self._asks(logic, self._cohort(logic, others), *beside) == "unsat"

    def _cohort(self, logic: Logic, others: frozenset[Key]) -> Formula:
        """What says, beside the rule, that none of the others matches. Told to the solver once for
        all rules of a cohort; where rules are taken out all the time, each time anew."""
        rules = self.rules.judged(logic.operation).rules
        cohort = (logic.operation, others | {logic.written.key})
        known = sum(operation == logic.operation for operation, _ in self._cohorts)
        if cohort not in self._cohorts and known < COHORTS_MAX:
            matches = [rules[key].matches for key in sorted(cohort[1])]
            name = f"alone in cohort {len(self._cohorts)}"
            session = self.rules.judged(logic.operation).session
            self._cohorts[cohort] = session.exclusive(name, matches)
        if cohort in self._cohorts:
            return self._cohorts[cohort]
        return conj(rules[key].is_silent for key in sorted(others))

    def _quiet(self, logic: Logic) -> Formula:
        """Nothing denies."""
        denials = self._of(logic, "deny")
        return neg(self._once("denied", logic, denials, disj))

    def _once(
        self, name: str, logic: Logic, keys: frozenset[Key], join: Callable[..., Formula]
    ) -> Formula:
        """A formula over the matches of several rules, told to the solver once."""
        known = (name, logic.operation, keys)
        if known not in self._named:
            judged = self.rules.judged(logic.operation)
            formula = join(judged.rules[key].matches for key in sorted(keys))
            self._named[known] = judged.session.name(f"{name} {len(self._named)}", formula)
        return self._named[known]

    def _of(self, logic: Logic, effect: str) -> frozenset[Key]:
        """Every other rule of one effect on the same operation."""
        known = (logic.operation, effect)
        if known not in self._sets:
            rules = self.rules.judged(logic.operation).rules
            alive = (key for key, w in self.alive.items() if w.rule.effect == effect)
            self._sets[known] = frozenset(key for key in alive if key in rules)
        return self._sets[known] - {logic.written.key}

    def _dominating(self, logic: Logic, own: Requirement) -> frozenset[Key]:
        """Other rules that ask for this and at least as much of it."""
        known = (logic.operation, own)
        if known not in self._sets:
            rules = self.rules.judged(logic.operation).rules
            asking = self.rules.askers.get(demand(own), ())
            enough = (key for key, other in asking if _is_enough(other, own))
            self._sets[known] = frozenset(k for k in enough if k in rules and k in self.alive)
        return self._sets[known] - {logic.written.key}


def _is_enough(other: Requirement, own: Requirement) -> bool:
    """Whether both together are no more than the other alone."""
    if not (other.escalates_to or own.escalates_to):
        return other.count >= own.count
    (both,) = union([other, own])
    return both == other
