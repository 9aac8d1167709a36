"""Parts of a request, each planned as its own workflow, become one plan, question or refusal.

No model is in here: who plans a part is an argument. A request is divided once; whenever it is
planned again, after an answer or a change of values, the same parts are planned again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.joint.names import declared, joint, own, within, worded_part
from bot.joint.plan import join, prefixed
from bot.planner.normalise import hear
from bot.planner.planner import PART_SLOT, Ask, Asked, Draft, Planned, Refuse
from bot.planner.tokens import tokenize
from bot.planner.vocabulary import fold, word_set
from policies.workflow import Workflow
from store.model.plan import Slot
from store.model.run import Answer, Part, Question

# What leaves a part out, and says nothing else of it.
_LEAVING = word_set(
    "leave out omit skip drop remove without the part please"
    " ohne den die das bitte sans le la omettre sin el omitir"
)
# Plans one part, given as a request of its own: its words, its answers, its workflow alone.
PlanPart = Callable[[Part, Asked], Planned]


def plan_parts(parts: tuple[Part, ...], asked: Asked, plan_part: PlanPart) -> Planned:
    """One plan of all parts that were not left out. Raises what `plan_part` raises.

    A refusal of one part refuses the whole and says what could be done alone; a question about one
    part is the whole's question, its slot named after the part so that the answer finds it.
    """
    known = {workflow.workflow: workflow for workflow in asked.workflows}
    kept = _kept(parts, asked.answers, known)
    gone = [part for part in kept if declared(part.name) not in known]
    if gone:
        text = f"{_words(gone[0])} cannot be asked for here any more. Nothing was done."
        return Refuse(text, "invalid", is_certain=True)
    planned = {
        part: plan_part(
            part,
            replace(
                asked,
                text=part.words,
                answers=_of_part(part, asked.answers, is_alone=len(kept) == 1),
                workflows=(known[declared(part.name)],),
            ),
        )
        for part in kept
    }
    if len(kept) == 1:
        return _alone(planned[kept[0]], parts)
    return _together(planned, parts)


def described(part: Part, titles: Mapping[str, str]) -> str:
    """A part for people: what is to be done, and the words that ask for it."""
    title = titles.get(declared(part.name)) or worded_part(part.name)
    return f"{title} (“{_cut(part.words)}”)"


def _together(planned: Mapping[Part, Planned], parts: tuple[Part, ...]) -> Planned:
    workflow = joint(part.name for part in planned)
    refused = {part: p for part, p in planned.items() if isinstance(p, Refuse)}
    if refused:
        return _refusal(planned, refused)
    asked = [(part, p) for part, p in planned.items() if isinstance(p, Ask)]
    if asked:
        part, ask = asked[0]
        question = Question(
            slot=within(part.name, ask.question.slot),
            text=f"{_words(part)}: {ask.question.text}",
            choices=ask.question.choices,
        )
        return Ask(workflow, question, _slots(planned), parts)
    plans = {part.name: p.plan for part, p in planned.items() if isinstance(p, Draft)}
    return Draft(join(plans), workflow, parts)


def _alone(planned: Planned, parts: tuple[Part, ...]) -> Planned:
    """What remains when every other part was left out is planned like any request."""
    match planned:
        case Draft(plan=plan, workflow=workflow):
            return Draft(plan, workflow, parts)
        case Ask(workflow=workflow, question=question, slots=slots):
            return Ask(workflow, question, slots, parts)
        case refuse:
            return refuse


def _refusal(planned: Mapping[Part, Planned], refused: Mapping[Part, Refuse]) -> Refuse:
    said = [f"{_words(part)}: {refuse.text}" for part, refuse in refused.items()]
    whole = [_words(part) for part, p in planned.items() if isinstance(p, Draft)]
    alone = f" Asked for alone, {' and '.join(whole)} can be done." if whole else ""
    first = next(iter(refused.values()))
    return Refuse(f"{' '.join(said)}{alone} Nothing was done.", first.reason, is_certain=True)


def _slots(planned: Mapping[Part, Planned]) -> tuple[Slot, ...]:
    found: list[Slot] = []
    for part, each in planned.items():
        if isinstance(each, Ask):
            found += prefixed(part.name, each.slots)
        elif isinstance(each, Draft):
            found += prefixed(part.name, each.plan.slots)
    return tuple(found)


def _of_part(part: Part, answers: tuple[Answer, ...], *, is_alone: bool) -> tuple[Answer, ...]:
    """The answers about a part, as it calls its slots itself."""
    found = []
    for answer in answers:
        slot = own(part.name, answer.slot) or (answer.slot if is_alone else "")
        if slot and slot != PART_SLOT:
            found.append(Answer(slot=slot, text=answer.text))
    return tuple(found)


def _kept(
    parts: tuple[Part, ...], answers: tuple[Answer, ...], known: Mapping[str, Workflow]
) -> tuple[Part, ...]:
    """The parts without those that the requester left out; one always stays."""
    for answer in answers:
        left_out = _named(answer.text, parts, known) if answer.slot == PART_SLOT else None
        if left_out is not None and len(parts) > 1:
            parts = tuple(part for part in parts if part != left_out)
    return parts


def _named(said: str, parts: tuple[Part, ...], known: Mapping[str, Workflow]) -> Part | None:
    """The one part that an answer leaves out: by its button, its title or its words, with nothing
    beside them that could mean that it is to stay."""
    spoken = [t.fold for t in tokenize(hear(said).text) if t.kind not in {"mark", "break"}]
    bare = [word for word in spoken if word not in _LEAVING]
    if "leave" in spoken and "out" not in spoken:
        return None
    for text in (fold(" ".join(said.split())), " ".join(bare)):
        exact = [part for part in parts if text in _names(part, known)]
        if len(exact) == 1:
            return exact[0]
    meant = [part for part in parts if bare and set(bare) <= _vocabulary(part, known)]
    return meant[0] if len(meant) == 1 else None


def _vocabulary(part: Part, known: Mapping[str, Workflow]) -> set[str]:
    """Every word that is about a part: of its names, and each verb of one word."""
    workflow = known.get(declared(part.name))
    verbs = {fold(verb) for verb in workflow.verbs if " " not in verb} if workflow else set()
    said = " ".join(_names(part, known))
    return verbs | {token.fold for token in tokenize(said) if token.kind not in {"mark", "break"}}


def _names(part: Part, known: Mapping[str, Workflow]) -> set[str]:
    workflow = known.get(declared(part.name))
    names = {part.name, worded_part(part.name), part.words, workflow.title if workflow else ""}
    return {fold(" ".join(name.split())) for name in names}


def _words(part: Part) -> str:
    return f"“{_cut(part.words)}”"


WORDS_CHARACTERS_MAX = 120  # of a part's words inside a sentence


def _cut(words: str) -> str:
    one_line = " ".join(words.split())
    if len(one_line) <= WORDS_CHARACTERS_MAX:
        return one_line
    return f"{one_line[: WORDS_CHARACTERS_MAX - 1]}…"
