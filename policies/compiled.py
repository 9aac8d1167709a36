"""Policy files made ready to judge: conditions type-checked against each operation's facts.

A file is compiled once for each operation that it applies to, because the same name may be declared
for one operation and not for another. Everything that judging needs is computed here. What was
compiled is kept: a bundle is loaded and judged from, and after an edit most of its files are the
same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

from policies import cel, mentions
from policies.constants import Constant, constant
from policies.document import Document, Path
from policies.facts import COMMON, Catalogue, FactTypes
from policies.findings import Finding
from policies.mentions import Mention
from policies.requirements import asked, union
from policies.rules import EVERY_OPERATION, PolicyFile, Rule
from policies.sentences import Sentence, brief, recorded, sentence
from store.model.decision import Requirement
from store.model.values import Json

POLICIES_KEPT = 1_024  # files, each for one operation; a bundle of 30 operations has about 100


@dataclass(frozen=True)
class Policy:
    """One policy file with its source text's positions. Files of the same `key` say the same."""

    file: PolicyFile
    document: Document

    @cached_property
    def key(self) -> str:
        return repr(self.file.model_dump())  # which tells a time from its text


@dataclass(frozen=True)
class CompiledCheck:
    """One labelled condition, and the texts of what it speaks of."""

    label: str
    text: str
    condition: cel.Condition
    mentions: tuple[str, ...]


@dataclass(frozen=True)
class CompiledRule:
    """One rule for one operation. No checks: it always matches. `demands` are its requirements;
    their `because` is worded once the rule has matched."""

    id: str
    effect: Literal["deny", "allow", "require"]
    is_any: bool
    checks: tuple[CompiledCheck, ...]
    demands: tuple[Requirement, ...]
    because: Sentence


@dataclass(frozen=True)
class CompiledPolicy:
    """One file for one operation.

    `shown_constants` are the constants as JSON. `mentions` is everything that its conditions speak
    of, once, so that each value is looked up once a step, but for what is `fixed` whatever the
    facts are; `groups` are the distinct sets of them that one condition speaks of. Of all rules'
    conditions in order there are `conditions`, `labels` and, as an index into `groups`,
    `spoken_of`.
    """

    name: str
    environment: cel.Environment
    constants: Mapping[str, object]
    shown_constants: Mapping[str, Json]
    mentions: tuple[Mention, ...]
    fixed: Mapping[str, Json]
    groups: tuple[tuple[str, ...], ...]
    conditions: cel.Conditions
    labels: tuple[str, ...]
    spoken_of: tuple[int, ...]
    rules: tuple[CompiledRule, ...]


def compile_policies(
    policies: tuple[Policy, ...], catalogue: Catalogue, findings: list[Finding]
) -> dict[str, tuple[CompiledPolicy, ...]]:
    """Operation -> the policies that judge it. Problems are added to `findings`."""
    compiled: dict[str, list[CompiledPolicy]] = {operation: [] for operation in catalogue}
    for policy in policies:
        constants, problems = _constants(policy)
        if problems:  # what speaks of these constants would be found wrong for nothing
            findings += problems
            continue
        for operation in _operations(policy, catalogue, findings):
            facts = {**COMMON, **catalogue[operation]}
            sources = _Sources(policy.key, tuple(facts.items()), policy, facts, constants)
            try:
                compiled[operation].append(_compiled(sources))
            except _UnsoundError as error:
                findings += error.findings
    return {operation: tuple(found) for operation, found in compiled.items()}


@dataclass(frozen=True)
class _Sources:
    """What one file is compiled from for one operation; `file` and `types` are all of it."""

    file: str
    types: tuple[tuple[str, str], ...]
    policy: Policy = field(compare=False)
    facts: FactTypes = field(compare=False)
    constants: Mapping[str, Constant] = field(compare=False)


class _UnsoundError(Exception):
    """A file that does not compile: nothing that is kept, because its findings have places."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(len(findings))


@lru_cache(maxsize=POLICIES_KEPT)
def _compiled(sources: _Sources) -> CompiledPolicy:
    findings: list[Finding] = []
    one = _Compiler(sources.policy, sources.facts, sources.constants, findings).policy()
    if findings:
        raise _UnsoundError(findings)
    return one


def _operations(policy: Policy, catalogue: Catalogue, findings: list[Finding]) -> tuple[str, ...]:
    if policy.file.applies_to == EVERY_OPERATION:
        return tuple(catalogue)
    known = []
    for index, operation in enumerate(policy.file.applies_to):
        if operation not in catalogue:
            message = f"no connector offers the operation {operation}"
            findings.append(policy.document.finding(("applies_to", index), message))
        elif operation in known:
            message = f"{operation} is listed twice"
            findings.append(policy.document.finding(("applies_to", index), message))
        else:
            known.append(operation)
    return tuple(known)


def _constants(policy: Policy) -> tuple[dict[str, Constant], list[Finding]]:
    """The file's constants, and what is wrong with them."""
    constants: dict[str, Constant] = {}
    problems: list[Finding] = []
    for name, written in policy.file.values.items():
        try:
            constants[name] = constant(written)
        except ValueError as error:
            problems.append(policy.document.finding(("values", name), f"{name}: {error}"))
    return constants, problems


class _Compiler:
    """Compiles one file for one operation, collecting every problem."""

    def __init__(
        self,
        policy: Policy,
        facts: FactTypes,
        constants: Mapping[str, Constant],
        findings: list[Finding],
    ) -> None:
        self.file, self.document, self.facts, self.findings = (
            policy.file,
            policy.document,
            facts,
            findings,
        )
        roots = {name.partition(".")[0] for name in facts}
        for name in sorted(roots & constants.keys()):
            self._problem(("values", name), f"{name} is also the name of a fact; rename it")
        self.constants = {name: c for name, c in constants.items() if name not in roots}
        self.types = {name: c.type for name, c in self.constants.items()}
        self.environment = cel.Environment({**facts, **self.types})
        self.mentions: dict[str, Mention] = {}

    def policy(self) -> CompiledPolicy:
        values = {name: c.value for name, c in self.constants.items()}
        rules = tuple(self._rule(index, rule) for index, rule in enumerate(self.file.rules))
        checks = [check for rule in rules for check in rule.checks]
        groups = {
            mentioned: at for at, mentioned in enumerate(dict.fromkeys(c.mentions for c in checks))
        }
        constants = {name: recorded(value) for name, value in values.items()}
        fixed = [mention for mention in self.mentions.values() if self._is_fixed(mention)]
        return CompiledPolicy(
            name=self.file.policy,
            environment=self.environment,
            constants=values,
            shown_constants=constants,
            mentions=tuple(m for m in self.mentions.values() if m not in fixed),
            fixed={mention.text: brief(mention.value(constants)) for mention in fixed},
            groups=tuple(groups),
            conditions=self._together(checks),
            labels=tuple(check.label for check in checks),
            spoken_of=tuple(groups[check.mentions] for check in checks),
            rules=rules,
        )

    def _is_fixed(self, mention: Mention) -> bool:
        """Whether it is a constant, or an entry of one under a written key."""
        return mention.root in self.constants and not any(key.is_fact for key in mention.keys)

    def _together(self, checks: Sequence[CompiledCheck]) -> cel.Conditions:
        try:
            return self.environment.together([(check.text, check.condition) for check in checks])
        except cel.ConditionError as error:
            self._problem(("rules",), f"the conditions cannot be judged together: {error.message}")
            return cel.Conditions(())

    def _rule(self, index: int, rule: Rule) -> CompiledRule:
        path: Path = ("rules", index)
        self._shape(path, rule)
        group = "any" if rule.any else "all"
        checks = [
            check
            for label, text in (rule.any or rule.all).items()
            if (check := self._check((*path, group, label), label, text))
        ]
        return CompiledRule(
            id=rule.id,
            effect=rule.effect,
            is_any=bool(rule.any),
            checks=tuple(checks),
            demands=union(r for ask in rule.require for r in asked(ask, rule.id, "")),
            because=self._because((*path, "because"), rule.because),
        )

    def _shape(self, path: Path, rule: Rule) -> None:
        """What the rule's keys must be together."""
        if rule.all and rule.any:
            self._problem((*path, "any"), "a rule has `all` or `any`, not both; make it two rules")
        if rule.effect == "allow" and not (rule.all or rule.any):
            self._problem(
                path, "an allow rule needs a condition: it grants what nothing else denies"
            )
        if rule.effect == "require" and not rule.require:
            self._problem(path, "a require rule says who: `require: [{role: ..., count: 1}]`")
        if rule.effect != "require" and rule.require:
            message = f"only require rules ask for approvers, this one is {rule.effect}; split it"
            self._problem((*path, "require"), message)

    def _check(self, path: Path, label: str, text: str) -> CompiledCheck | None:
        for offset, message in mentions.objections(text):
            self._problem(path, message, *_place(text, offset))
            return None
        try:
            condition = self.environment.compile(text)
        except cel.ConditionError as error:
            self._problem(path, error.message, error.line, error.column)
            return None
        found = {m.text: m for m in mentions.mentions(text, self.facts, self.types)}
        self.mentions |= found
        return CompiledCheck(label, text, condition, tuple(found))

    def _because(self, path: Path, text: str) -> Sentence:
        try:
            return sentence(text, self.facts, self.types)
        except ValueError as error:
            self._problem(path, str(error))
            return Sentence(())

    def _problem(self, path: Path, message: str, line: int = 1, column: int = 1) -> None:
        self.findings.append(self.document.finding(path, message, line=line, column=column))


def _place(text: str, offset: int) -> tuple[int, int]:
    """The line and column of an offset, from 1."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1
