"""One variable for each fact, with what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.analysis.solver import Formula, Session, Term, conj, disj, either, neg
from policies.analysis.values import Listed, Number, Opaque, Text, Truth, Value
from policies.analysis.world import OF_THE_STEP, World
from policies.facts import COMMON
from store.model.values import INT_MAX

LEVEL_IRREVERSIBLE = 2  # the engine never judges a step without a way back on a higher level


@dataclass
class Variables:
    """The facts of one step. `prefix` keeps its own facts apart from those of the plan's others."""

    operation: str
    session: Session
    world: World
    types: Mapping[str, str]
    counters: frozenset[str] = frozenset()
    prefix: str = ""
    _made: dict[str, Value] = field(default_factory=dict)
    _ranged: set[str] = field(default_factory=set)

    def fact(self, name: str) -> Value:
        """A fact as a value; what is known of it is told to the session once."""
        if name not in self._made:
            self._made[name] = self._fact(name)
        return self._made[name]

    def member(self, fact: str, item: str) -> Formula:
        """Whether a list fact holds an item."""
        return self.session.flag(f"{self._own(fact)} has {item}")

    def between(self, name: str, least: int, most: int) -> Term:
        """A number from `least` to `most`."""
        term = self.session.number(name)
        if name not in self._ranged:
            self._ranged.add(name)
            self.session.know(conj([term >= least, term <= most]))
        return term

    def text(self, name: str) -> Term:
        """A text fact's own variable."""
        return self.session.number(self._own(name))

    def _fact(self, name: str) -> Value:
        own = self._own(name)
        match self.types.get(name):
            case "int":
                return self._level() if name == "workflow.level" else self._int(name, own)
            case "string":
                return self._text(name, own)
            case "bool":
                flag = self.session.flag(own)
                return Truth(flag, neg(flag))
            case "timestamp":
                return Number(self.session.number(own))
            case "list<string>":
                return Listed(name)
            case _:
                return Opaque(own)

    def _int(self, name: str, own: str) -> Number:
        counter, _, part = name.partition(".")
        is_counted = counter in self.counters
        number = Number(self.between(own, 0 if is_counted else -INT_MAX, INT_MAX))
        if is_counted and part == "sum_minor":
            count = self.fact(f"{counter}.count")
            assert isinstance(count, Number)
            self.session.know(disj([count.term > 0, number.term == 0]))
        return number

    def _text(self, name: str, own: str) -> Text:
        term = self.session.number(own)
        if name in self.world.texts:
            codes = [self.session.code(text) for text in self.world.texts[name]]
            self.session.know(disj(term == code for code in codes))
        return Text(term, fact=name)

    def _level(self) -> Number:
        """The level that the engine judges on: capped by the environment and by the way back."""
        level = self.session.number(self._own("workflow.level") + self.prefix)
        environment = self.fact("run.environment")
        assert isinstance(environment, Text)
        self.session.know(level >= 1)
        for name, cap in self.world.caps.items():
            is_here = environment.term == self.session.code(name)
            self.session.know(disj([neg(is_here), level <= cap]))
        reversible = self.fact("step.is_reversible")
        assert isinstance(reversible, Truth)
        self.session.know(either(reversible.is_true, level >= 1, level <= LEVEL_IRREVERSIBLE))
        return Number(level)

    def _own(self, name: str) -> str:
        is_shared = name in COMMON and name not in OF_THE_STEP
        return name if is_shared else f"{self.prefix}{name}"
