"""Rules that never matter although they match: denied anyway, or asked for anyway.

Each question is asked for every operation that a rule judges, and is a finding only where the
answer is the same for all of them. "unknown" is no finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice

from policies.analysis.cover import Cover
from policies.analysis.logic import Key, Logic, Rules, Written
from policies.findings import Finding

FINDINGS_MAX = 100  # findings of one bundle; the first are worth correcting before all others
NAMED_MAX = 3  # rules and operations that one sentence names
Others = Callable[[Logic], frozenset[Key]]


def findings(rules: Rules) -> tuple[tuple[Finding, ...], frozenset[Key]]:
    """What can be said of each rule, at most once a rule, and which rules can never match at all;
    contradictions.py says why. Denials come first, because what they cover is decided by those of
    them that remain."""
    reach = _Reach(rules)
    found = tuple(islice(chain(reach.denials(), reach.others()), FINDINGS_MAX))
    return found, frozenset(reach.dead)


class _Reach:
    """The rules that still count. What is found to be without effect no longer covers others, so
    that of two equal rules one remains. A denial without any condition is meant to stop everything
    and covers nothing, and one that always matches is a finding of its own."""

    def __init__(self, rules: Rules) -> None:
        stops = {
            k for k, w in rules.written.items() if w.rule.effect == "deny" and not w.conditions
        }
        alive = {key: w for key, w in rules.written.items() if key not in stops}
        self.rules, self.cover = rules, Cover(rules, alive)
        self.dead: set[Key] = set()

    def denials(self) -> Iterator[Finding]:
        """Denials that others deny already."""
        for written in self._narrow_last("deny"):
            yield from self._denial(written)

    def others(self) -> Iterator[Finding]:
        """Allowing and requiring rules that are denied wherever they match, and requirements that
        others make already. What can never be allowed is known before requirements are asked."""
        for effect in ("allow", "require"):
            for written in self._narrow_last(effect):
                yield from self._other(written)

    def _denial(self, written: Written) -> Iterator[Finding]:
        if not self._is_covered(written, self.cover.denials) or self._is_dead(written):
            return
        if self._is_always(written):
            yield self._stopper(written)
            return
        blamed = self._blamed(written, self.cover.denials)
        if stopping := [rule for rule in blamed if self._is_always(rule)]:
            yield self._stopper(stopping[0])
            yield from self._denial(written)
            return
        by = _named(blamed)
        self.cover.remove(written.key)
        message = f"{written.rule.id} never matters: whenever it matches, {by} already denies"
        yield written.finding(f"{message}; remove it, or narrow {by}")

    def _other(self, written: Written) -> Iterator[Finding]:
        if any(self.cover.matters(logic) for logic in self._each(written)):
            return
        if not all(self.cover.is_silenced(logic) for logic in self._each(written)):
            if written.rule.effect == "require":
                yield from self._requirement(written)
            return
        if self._is_dead(written):
            return
        blamed = self._blamed(written, self.cover.denials)
        if stopping := [rule for rule in blamed if self._is_always(rule)]:
            yield self._stopper(stopping[0])
            yield from self._other(written)
            return
        by = _named(blamed)
        what = "grants nothing" if written.rule.effect == "allow" else "asks nobody"
        self.cover.remove(written.key)
        message = f"{written.rule.id} {what}: whenever it matches, {by} denies"
        yield written.finding(f"{message}; remove it, or narrow {by}")

    def _stopper(self, written: Written) -> Finding:
        """The finding about a denial that lets nothing pass. It covers nothing from here on, so
        that it stays the only one."""
        self.cover.remove(written.key)
        operations = ", ".join(written.operations[:NAMED_MAX])
        message = f"{written.rule.id} always denies, so that nothing else about {operations}"
        return written.finding(f"{message} matters; correct its conditions")

    def _requirement(self, written: Written) -> Iterator[Finding]:
        if all(self.cover.is_ungranted(logic) for logic in self._each(written)):
            self.cover.remove(written.key)
            message = f"{written.rule.id} asks nobody: whenever it matches, no rule allows the step"
            yield written.finding(f"{message}; remove it, or correct its conditions")
        elif all(self.cover.is_asked_for(logic) for logic in self._each(written)):
            by = _named(self._blamed(written, self.cover.demands))
            self.cover.remove(written.key)
            message = f"{written.rule.id} asks for nothing new: whenever it matches, {by} asks for"
            yield written.finding(f"{message} at least as much; remove it, or narrow {by}")

    def _narrow_last(self, *effects: str) -> list[Written]:
        """Rules of narrow files before those of wide ones, later lines before earlier ones: what is
        found first is what is superfluous."""
        chosen = [w for w in self.cover.alive.values() if w.rule.effect in effects]
        chosen.reverse()
        return sorted(chosen, key=lambda written: len(written.operations))

    def _is_covered(self, written: Written, others: Others) -> bool:
        return all(self.cover.is_covered(logic, others(logic)) for logic in self._each(written))

    def _is_dead(self, written: Written) -> bool:
        """Whether a rule can never match. Such a rule covers nothing."""
        is_dead = all(self.cover.is_dead(logic) for logic in self._each(written))
        if is_dead:
            self.cover.remove(written.key)
            self.dead.add(written.key)
        return is_dead

    def _is_always(self, written: Written) -> bool:
        """Whether a denial matches or fails whatever the facts are."""
        return all(self.cover.is_always(logic) for logic in self._each(written))

    def _blamed(self, written: Written, others: Others) -> tuple[Written, ...]:
        """The rules behind it, of all operations together, none of them dispensable."""
        keys = [key for logic in self._each(written) for key in self.cover.blame(logic, others)]
        return tuple(self.rules.written[key] for key in dict.fromkeys(keys))

    def _each(self, written: Written) -> Iterator[Logic]:
        return self.rules.each(written)


def _named(rules: tuple[Written, ...]) -> str:
    """`a`, `a and b together`, `a, b, c and 5 more together`."""
    names = [written.rule.id for written in rules]
    if len(names) == 1:
        return names[0]
    more = len(names) - NAMED_MAX
    if more > 0:
        return f"{', '.join(names[:NAMED_MAX])} and {more} more together"
    return f"{', '.join(names[:-1])} and {names[-1]} together" if names else "another rule"
