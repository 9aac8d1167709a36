"""Whether a request may say the opposite of what a model makes of it.

The rules judge a "not" or an "if" beside the verb that asks. Where they know no such verb, nobody
but the model says that the task is wanted at all; so a request with such a word in it is confirmed
by its requester before it becomes a plan.
"""

from __future__ import annotations

from bot.planner import vocabulary as v
from bot.planner.choices import places_of_choices
from bot.planner.intent import intent
from bot.planner.planner import WORKFLOW_SLOT, Ask, Draft
from bot.planner.source import Source
from policies.workflow import Workflow
from store.model.run import Question

# Beside what the rules take for a negation (vocabulary.py): all that may turn round what no rule
# knows a verb for.
_TURNING = (
    v.NEGATORS
    | v.CONDITIONS
    | v.word_set(
        "neither nor nobody noone none nothing nowhere hardly barely isnt wasnt arent werent "
        "doesnt didnt hasnt havent wouldnt couldnt shouldnt weder niemand nichts niemals kaum ni "
        "nadie nada ningun ninguna tampoco apenas sin aucun aucune rien personne guere sans"
    )
)
_REFUSING = v.word_set(
    "refuses refused refusing reject rejects rejected decline declines declined deny denies denied "
    "disagree disagrees forbid forbidden against wrong incorrect cancel verweigere verweigern "
    "ablehnen abgelehnt falsch rechazo rechazar incorrecto refuser refusons faux"
)
_NO = v.word_set("no nein non nope not nicht pas")
_CLAUSE_ENDS = frozenset(",.;:!?-–—\n")
NONE = (v.NONE_OF_THESE, "None of these")


def is_doubtful(workflow: Workflow, request: Source) -> bool:
    """Whether the words hold a negation, a condition or a withdrawal that no rule has judged."""
    meant = intent(request.tokens, (workflow,))
    if meant.workflows and meant.tone == "request":
        return False
    words = request.words
    masked = places_of_choices(workflow, words)
    masked |= {place for c in v.POLITE_CONDITIONS for places in words.find(c) for place in places}
    is_turned = any(_is_turning(w) and i not in masked for i, w in enumerate(words.folds))
    return is_turned or any(True for phrase in v.RETRACTIONS for _ in words.find(phrase))


def is_refused(answer: Source, place: int) -> bool:
    """Whether an answer may say that the value at a place shall not be ("I refuse $40", "not $40",
    "$40? never"), or only if. A "no" in front that corrects what was said or asked before it
    ("no, $25", "not forty, $25") says nothing of the value."""
    words = answer.words
    masked = places_of_choices(answer.workflow, words)
    masked |= {p for c in v.POLITE_CONDITIONS for places in words.find(c) for p in places}
    if any(True for phrase in v.RETRACTIONS for _ in words.find(phrase)):
        return True
    for clause in _clauses(words.folds):
        said = [words.folds[i] for i in clause if i not in masked]
        turning = [w for w in said if _is_turning(w) or w in _REFUSING]
        is_before = clause[-1] < place and "do" not in said
        is_correcting = is_before and set(turning) <= _NO and bool({*said[:1], *said[-1:]} & _NO)
        if turning and not is_correcting:
            return True
    return False


def _clauses(folds: tuple[str, ...]) -> list[list[int]]:
    found: list[list[int]] = [[]]
    for index, word in enumerate(folds):
        if word in _CLAUSE_ENDS:
            found.append([])
        else:
            found[-1].append(index)
    return [clause for clause in found if clause]


def _is_turning(word: str) -> bool:
    return word in _TURNING or word.endswith("n't")


def confirmed(draft: Draft, workflow: Workflow) -> Ask:
    """The question whether this is wanted at all."""
    title = workflow.title[:1].lower() + workflow.title[1:]
    text = f"I am not sure what is wanted here. Do you want me to {title}?"
    options = ((workflow.workflow, workflow.title), NONE)
    question = Question(slot=WORKFLOW_SLOT, text=text, choices=options)
    return Ask(workflow.workflow, question, draft.plan.slots)


def is_none(named: str | None) -> bool:
    """Whether an answer to which task is meant says: none of them."""
    return named is not None and v.fold(" ".join(named.split())).strip(".! ") in {
        v.NONE_OF_THESE,
        "none",
        "neither",
        "no",
    }
