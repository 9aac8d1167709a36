"""The largest amount that each workflow may move without a person.

An upper limit that holds for certain: what cannot be translated is taken to permit. A whole plan
is looked at, because one step that needs a person keeps the others from running by themselves; a
step with `when` may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.analysis.logic import Judged, Rules
from policies.analysis.solver import Formula, Session, Term, conj, disj, neg
from policies.analysis.values import Number
from policies.bundle import LEVELS
from policies.ceiling import Ceiling
from policies.counters import Counter
from policies.engine import LEVEL_READ_ONLY, LEVEL_SUGGESTED
from policies.findings import Finding
from policies.sentences import recorded, shown
from policies.workflow import Workflow
from store.model.values import CURRENCY_EXPONENTS

BEYOND = 10**15  # minor units; what may be larger than this has no limit
OFTEN = 10**6  # times in one window; the same


@dataclass(frozen=True)
class _Step:
    """One step of a plan. `may_run`: allowed, not denied, nobody asked."""

    judged: Judged
    may_run: Formula
    is_optional: bool


def ceilings(rules: Rules) -> tuple[tuple[Ceiling, ...], tuple[Finding, ...]]:
    """One for each workflow and environment, and a finding for each amount without a limit."""
    found: list[Ceiling] = []
    findings: list[Finding] = []
    for name, workflow in rules.bundle.workflows.items():
        source = rules.bundle.sources[name]
        for environment, cap in rules.world.caps.items():
            level = min(LEVELS[workflow.autonomy], cap)
            plan = _Plan(rules, workflow, environment, level)
            found.append(Ceiling(source.file, name, environment, plan.sentence()))
            findings += [source.finding(("autonomy",), message) for message in plan.unlimited]
    return tuple(found), tuple(findings)


class _Plan:
    """One workflow in one environment. `unlimited` is filled by `sentence`."""

    def __init__(self, rules: Rules, workflow: Workflow, environment: str, level: int) -> None:
        self.rules, self.workflow = rules, workflow
        self.environment, self.level = environment, level
        self.unlimited: list[str] = []

    def sentence(self) -> str:
        """What may run by itself, in plain words."""
        if self.level <= LEVEL_READ_ONLY:
            return f"nothing: nothing is written at L{self.level}"
        if self.level <= LEVEL_SUGGESTED:
            return f"nothing: every write is approved at L{self.level}"
        session = Session()
        steps = self._steps(session)
        whole = [step.may_run for step in steps if not step.is_optional]
        answer = session.ask(*whole)
        if answer == "unsat":
            return "nothing: some step of it is always denied or asks a person"
        moving = [clause for step in steps if (clause := self._moving(step, whole))]
        if answer == "unknown":
            return "this could not be worked out; look at its rules one by one"
        return "; ".join(moving) or "it may run by itself, and moves no money"

    def _steps(self, session: Session) -> list[_Step]:
        templates = [step for steps in self.workflow.steps for step in steps.values()]
        found = []
        for index, template in enumerate(templates):
            judged = self.rules.translated(template.use, session, prefix=f"step {index}: ")
            self._fix(judged)
            found.append(_Step(judged, _may_run(judged), bool(template.when)))
        return found

    def _fix(self, judged: Judged) -> None:
        """The facts that the workflow itself decides."""
        session, variables = judged.session, judged.variables
        level = variables.fact("workflow.level")
        assert isinstance(level, Number)
        for name, text in (
            ("workflow.name", self.workflow.workflow),
            ("run.environment", self.environment),
        ):
            variables.fact(name)
            session.know(variables.text(name) == session.code(text))
        session.know(level.term == self.level)

    def _moving(self, step: _Step, whole: list[Formula]) -> str:
        """What one step may move, "" where it moves no money or never runs by itself."""
        clauses = []
        for amount, currency in amounts(step.judged.variables.types):
            run = [*whole, step.may_run]
            most = self._most(step.judged, amount, currency, run)
            if most and (clause := self._clause(step.judged, amount, currency, most, run)):
                clauses.append(clause)
        return "; ".join(clauses)

    def _most(
        self, judged: Judged, amount: str, currency: str, run: list[Formula]
    ) -> dict[str, int]:
        term = _term(judged, amount)
        return self._of_each(judged, term, currency, run)

    def _of_each(
        self, judged: Judged, term: Term, currency: str, run: list[Formula]
    ) -> dict[str, int]:
        """Currency -> the largest value of a term; only currencies in which anything may run."""
        judged.variables.fact(currency)
        text, session = judged.variables.text(currency), judged.session
        found: dict[str, int] = {}
        for name in CURRENCY_EXPONENTS:
            hints = (*self._hints(name), *found.values())
            value = session.largest(term, BEYOND, hints, text == session.code(name), *run)
            if value is not None and value > 0:
                found[name] = value
        return found

    def _hints(self, currency: str) -> Iterator[int]:
        """Limits that stand in the files, which are likely to be the answer."""
        for constants in self.rules.constants.values():
            for constant in constants.values():
                value = constant.value
                one = value.get(currency) if isinstance(value, dict) else value
                if type(one) is int:
                    yield one

    def _clause(
        self, judged: Judged, amount: str, currency: str, most: dict[str, int], run: list[Formula]
    ) -> str:
        bounded = {name: value for name, value in most.items() if value < BEYOND}
        open_ = [name for name in most if name not in bounded]
        clauses = [f"{judged.operation} of at most {_moneys(bounded)}"] if bounded else []
        if open_:
            clauses.append(self._open(judged, amount, open_))
        for counter in self.rules.counters[judged.operation]:
            clauses += self._windows(judged, counter, amount, currency, run)
        return "; ".join(clauses)

    def _open(self, judged: Judged, amount: str, currencies: list[str]) -> str:
        """The words for amounts without a limit; a finding too, unless a rule about the amount
        could not be translated and may well be the limit."""
        names = _listed(currencies)
        unclear = [r.written.rule.id for r in judged.rules.values() if amount in r.opaque]
        if unclear:
            return f"{judged.operation} in {names}: not worked out, because of {', '.join(unclear)}"
        self.unlimited.append(
            f"in {self.environment} {judged.operation} runs without a person and without a limit"
            f" in {names}; let a rule deny or require somebody above some {amount}"
        )
        return f"{judged.operation} without a limit in {names}"

    def _windows(
        self, judged: Judged, counter: Counter, amount: str, currency: str, run: list[Formula]
    ) -> Iterator[str]:
        """What a counter bounds within its window."""
        whom = f"{_whom(counter.per)} in {shown(recorded(counter.window))}"
        times = judged.session.largest(_term(judged, f"{counter.name}.count"), OFTEN, (), *run)
        if times is not None and times < OFTEN:
            yield f"{times + 1} times {whom}"
        if (counter.amount, counter.currency) == (amount, currency):
            total = _term(judged, f"{counter.name}.sum_minor") + _term(judged, amount)
            sums = self._of_each(judged, total, currency, run)
            if bounded := {name: value for name, value in sums.items() if value < BEYOND}:
                yield f"{_moneys(bounded)} {whom}"


def amounts(types: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(amount, currency) facts of an operation: what it moves, or where it does not say, every
    amount that has a currency beside it."""
    pairs = tuple(
        (name, currency)
        for name, type_ in types.items()
        if type_ == "int" and name.endswith("_minor")
        if (currency := f"{name.partition('.')[0]}.currency") in types
    )
    return tuple(p for p in pairs if p[0].endswith(".amount_minor")) or pairs


def _may_run(judged: Judged) -> Formula:
    rules = judged.rules.values()
    allows = [r.matches for r in rules if r.written.rule.effect == "allow"]
    others = [neg(r.matches) for r in rules if r.written.rule.effect != "allow"]
    fine = [neg(r.fails) for r in rules]
    name = f"{judged.variables.prefix}may run"
    return judged.session.name(name, conj([disj(allows), *others, *fine]))


def _term(judged: Judged, fact: str) -> Term:
    value = judged.variables.fact(fact)
    assert isinstance(value, Number)
    return value.term


def _whom(per: tuple[str, ...]) -> str:
    """`a requester`, `a requester and customer`, `in all`."""
    return f"a {' and '.join(fact.partition('.')[0] for fact in per)}" if per else "in all"


def _moneys(amounts_minor: Mapping[str, int]) -> str:
    """`100.00 USD or EUR, 15000 JPY`."""
    groups: dict[str, list[str]] = {}
    for currency, minor in amounts_minor.items():
        groups.setdefault(_digits(minor, CURRENCY_EXPONENTS[currency]), []).append(currency)
    return ", ".join(f"{digits} {_listed(names)}" for digits, names in groups.items())


def _digits(minor: int, exponent: int) -> str:
    whole, rest = divmod(minor, 10**exponent)
    return f"{whole}.{rest:0{exponent}d}" if exponent else str(whole)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
