"""Every rule of a bundle as formulas, for each operation that it judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from policies import checked
from policies.analysis.solver import Formula, Session, conj, disj, neg
from policies.analysis.terms import Item, Notes, Translator
from policies.analysis.values import Truth
from policies.analysis.variables import Variables
from policies.analysis.world import World, world_of
from policies.bundle import Bundle
from policies.compiled import CompiledPolicy, CompiledRule, Policy, compile_policies
from policies.constants import constant
from policies.counter_references import Counters, complete_one
from policies.counter_references import counted as counters_of
from policies.document import Path
from policies.facts import Catalogue
from policies.findings import Finding
from policies.requirements import asked
from policies.rules import EVERY_OPERATION, Rule
from store.model.decision import Requirement

Key = tuple[str, int]  # a rule: its file's name, its place in the file
Demand = tuple[str, tuple[str, ...], int]  # what requirements add up by: kind, roles, stage


@dataclass(frozen=True)
class Written:
    """One rule where it stands, with its conditions as the engine checked them."""

    policy: Policy
    index: int
    rule: Rule
    conditions: Mapping[str, checked.Node]
    operations: tuple[str, ...]

    @property
    def key(self) -> Key:
        return (self.policy.document.file, self.index)

    @property
    def group(self) -> str:
        return "any" if self.rule.any else "all"

    def path(self, label: str = "") -> Path:
        """Where the rule, or one condition of it, stands in its file."""
        own: Path = ("rules", self.index)
        return (*own, self.group, label) if label else (*own, "id")

    def finding(self, message: str, label: str = "") -> Finding:
        """A finding at the rule or at one of its conditions."""
        return self.policy.document.finding(self.path(label), message)


@dataclass(frozen=True)
class Logic:
    """One rule for one operation. `matches` is a variable; `fails`: a condition that cannot be
    judged, which denies too. `strange` are texts that a fact never is, `opaque` what is spoken of
    where nothing is known."""

    operation: str
    written: Written
    matches: Formula
    fails: Formula
    conditions: Mapping[str, Truth]
    items: tuple[Item, ...]
    strange: tuple[tuple[str, str], ...]
    opaque: frozenset[str]

    @cached_property
    def is_silent(self) -> Formula:
        """Where the rule does not match."""
        return neg(self.matches)


@dataclass(frozen=True)
class Judged:
    """Everything that judges one operation."""

    operation: str
    session: Session
    variables: Variables
    rules: Mapping[Key, Logic]


class Rules:
    """A bundle's rules, written once, and translated for an operation when it is first asked."""

    def __init__(self, bundle: Bundle, catalogue: Catalogue) -> None:
        self.bundle, self.catalogue = bundle, catalogue
        self.world: World = world_of(bundle)
        self.counters: Counters = counters_of(bundle.policies, catalogue, [])
        self.constants = {
            policy.document.file: {n: constant(v) for n, v in policy.file.values.items()}
            for policy in bundle.policies
        }
        self._judged: dict[str, Judged] = {}

    @cached_property
    def written(self) -> Mapping[Key, Written]:
        """Every rule in the order of files and lines."""
        rules = [
            Written(policy, index, rule, _conditions(compiled), operations)
            for policy in self.bundle.policies
            if (operations := self._operations(policy))
            for index, (rule, compiled) in enumerate(
                zip(policy.file.rules, self._compiled(policy, operations[0]).rules, strict=True)
            )
        ]
        return {rule.key: rule for rule in rules}

    @cached_property
    def askers(self) -> Mapping[Demand, tuple[tuple[Key, Requirement], ...]]:
        """Who asks for what: the rules behind each kind, group and stage of approval."""
        found: dict[Demand, list[tuple[Key, Requirement]]] = {}
        for key, written in self.written.items():
            for requirement in (r for ask in written.rule.require for r in asked(ask, "", "")):
                found.setdefault(demand(requirement), []).append((key, requirement))
        return {wanted: tuple(rules) for wanted, rules in found.items()}

    def each(self, written: Written) -> Iterator[Logic]:
        """The rule for every operation that it judges, each translated when its turn comes."""
        for operation in written.operations:
            yield self.judged(operation).rules[written.key]

    def judged(self, operation: str) -> Judged:
        """The rules of one operation, made once."""
        if operation not in self._judged:
            self._judged[operation] = self.translated(operation, Session())
        return self._judged[operation]

    def translated(self, operation: str, session: Session, prefix: str = "") -> Judged:
        """The rules of one operation over a session; `prefix` tells steps of one plan apart."""
        variables = Variables(
            operation,
            session,
            self.world,
            complete_one(self.catalogue, self.counters, operation),
            counters=frozenset(c.name for c in self.counters[operation]),
            prefix=prefix,
        )
        translators = {
            file: Translator(session, variables, {n: c.value for n, c in constants.items()})
            for file, constants in self.constants.items()
        }
        rules = {
            key: self._logic(written, translators[key[0]], prefix)
            for key, written in self.written.items()
            if operation in written.operations
        }
        return Judged(operation, session, variables, rules)

    def _logic(self, written: Written, translator: Translator, prefix: str) -> Logic:
        translator.notes = notes = Notes()
        truths = {label: translator.condition(n) for label, n in written.conditions.items()}
        parts = [truth.is_true for truth in truths.values()]
        fails = disj(conj([neg(t.is_true), neg(t.is_false)]) for t in truths.values())
        holds = disj(parts) if written.rule.any else conj(parts)
        name = f"{prefix}{written.key[0]} rule {written.index}"
        return Logic(
            translator.variables.operation,
            written,
            translator.session.name(name, conj([holds, neg(fails)])),
            fails,
            truths,
            tuple(notes.items),
            tuple(dict.fromkeys(notes.strange)),
            frozenset(notes.opaque),
        )

    def _operations(self, policy: Policy) -> tuple[str, ...]:
        if policy.file.applies_to == EVERY_OPERATION:
            return tuple(self.catalogue)
        return tuple(policy.file.applies_to)

    def _compiled(self, policy: Policy, operation: str) -> CompiledPolicy:
        """The file as loading the bundle compiled it, and kept it."""
        types = complete_one(self.catalogue, self.counters, operation)
        (compiled,) = compile_policies((policy,), {operation: types}, [])[operation]
        return compiled


def _conditions(rule: CompiledRule) -> dict[str, checked.Node]:
    return {check.label: checked.read(check.condition.checked()) for check in rule.checks}


def demand(requirement: Requirement) -> Demand:
    """What the requirement adds up with."""
    return (requirement.kind, requirement.roles, requirement.stage)
