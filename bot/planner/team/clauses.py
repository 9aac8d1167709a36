"""A request divided without any model, where that is certain. Pure but for the plans it asks for.

A clause begins where a verb that asks for a workflow follows a comma, a full stop or an "and". Only
where every clause is, by itself and as a message of its own, a whole plan to the rules, is the
request those parts. What stands on the wrong side leaves one of them without something, or gives it
a number that it has no use for; then nothing is divided, and the question is asked as before.
"""

from __future__ import annotations

from bot.joint.names import PARTS_MAX, named
from bot.planner import vocabulary as v
from bot.planner.intent import DATA, hits_of
from bot.planner.normalise import Heard, hear
from bot.planner.phrases import Words
from bot.planner.planner import Asked, Draft, Planner
from bot.planner.team.division import FILLER, is_divisible
from bot.planner.tokens import Token, tokenize
from policies.workflow import Workflow
from store.model.plan import Plan
from store.model.run import Part

_SEPARATORS = frozenset(",;.!:\n-–—")
_ORDINALS = v.word_set("first second third fourth firstly secondly thirdly finally lastly next")
_JOINING = v.word_set("and then also und dann et puis y luego")


def clauses(asked: Asked, rules: Planner) -> tuple[Part, ...]:
    """The parts of a request, none where they are not certain. Each is planned by the rules, which
    raise what their finders raise."""
    heard = hear(asked.text)
    if heard.text != heard.quoted or not is_divisible(asked.text, asked.workflows):
        return ()
    said = _said(heard, asked.workflows)
    if not 2 <= len(said) <= PARTS_MAX:
        return ()
    names = []
    for words in said:
        planned = rules.plan(Asked(words, asked.workflows, asked.find, today=asked.today))
        if not isinstance(planned, Draft) or _has_idle_data(words, planned.plan):
            return ()
        names.append(planned.workflow)
    return tuple(
        Part(name=name, words=words) for name, words in zip(named(names), said, strict=True)
    )


def _said(heard: Heard, workflows: tuple[Workflow, ...]) -> list[str]:
    """The clauses, the first with whatever stands before it."""
    tokens = tokenize(heard.text)
    words = Words(tokens)
    verbs = {places[0] for workflow in workflows for places in hits_of(workflow, words)}
    starts = [place for place in sorted(verbs) if _begins(tokens, place)]
    if not starts:
        return []
    ends = [*starts[1:], len(tokens)]
    return [
        _trimmed(heard, tokens, 0 if start == starts[0] else start, end)
        for start, end in zip(starts, ends, strict=True)
    ]


def _begins(tokens: tuple[Token, ...], place: int) -> bool:
    """Whether nothing but filler stands between a verb and the clause before it."""
    joins = False
    while place > 0 and tokens[place - 1].fold in FILLER:
        place -= 1
        joins = joins or tokens[place].fold in _JOINING
    return place == 0 or joins or tokens[place - 1].fold in _SEPARATORS


def _trimmed(heard: Heard, tokens: tuple[Token, ...], start: int, end: int) -> str:
    """The words of a clause without what only leads over to the next one."""
    until = tokens[end].start if end < len(tokens) else len(heard.text)
    over = FILLER | _ORDINALS | _SEPARATORS
    while end > start + 1 and tokens[end - 1].fold in over:
        end -= 1
    return heard.clause(tokens[start].start, tokens[end - 1].end, until)


def _has_idle_data(words: str, plan: Plan) -> bool:
    """Whether a number stands in a clause that its plan has no use for: it may be another's."""
    used = " ".join(slot.said for slot in plan.slots)
    known = {token.text for token in tokenize(used)}
    return any(t.kind in DATA and t.text not in known for t in tokenize(hear(words).text))
