"""Things that are asked for by name and that nothing here is about: "cancel my subscription".

Only a thing that stands right behind the verb, with an article or a possessive before it, in a
message that holds no number, no word for a record and no reason. Whether one of the records is
called so, the finders have said before. Pure.
"""

from __future__ import annotations

from bot.planner import vocabulary as v
from bot.planner.choices import label, places_of_choices
from bot.planner.intent import DATA, hits_of, names_a_record, verbs_of
from bot.planner.phrases import phrases_of
from bot.planner.source import Source
from bot.planner.tokens import Token
from policies.workflow import ChoiceSlot, MoneySlot, RecordSlot, Workflow

THING_WORDS_MAX = 6  # that a sentence shows
_OWN = v.word_set("my our mein meine meinen unser unsere unseren mi mis nuestro nuestra mon ma mes")
_ARTICLES = _OWN | v.word_set(
    "the a an this that these those his her their your its der die das den dem ein eine einen "
    "el la los las un una le les des"
)
_INSIDE = v.word_set("in im en dans")  # "my address in the HR system" is the address of that
# Other words for what a record stands for, or for a part of its money.
_LIKE_RECORDS = v.word_set(
    "shipment shipments transaction transactions sale sales dispatch consignment sendung compra "
    "price cost costs fee fees charge charges tax vat postage difference balance rest remainder "
    "deposit total surcharge"
)


def foreign(workflow: Workflow, workflows: tuple[Workflow, ...], request: Source) -> str:
    """The words for the thing, empty where none is named, or one that these workflows know."""
    tokens = request.tokens
    if any(isinstance(s, RecordSlot) and s.is_named for s in workflow.slots.values()):
        return ""  # whatever stands there is taken for a name, and asked about
    if any(t.kind in DATA for t in tokens) or names_a_record(workflow, request.words):
        return ""
    if places_of_choices(workflow, request.words):  # "cancel the booking, fraud" is one of ours
        return ""
    takes_money = any(isinstance(slot, MoneySlot) for slot in workflow.slots.values())
    articles = _OWN if takes_money else _ARTICLES  # "refund the caller": money has other objects
    known = v.COMMON | _LIKE_RECORDS | _words_of(workflows)
    for places in hits_of(workflow, request.words):
        thing = _named(tokens, places[0] + 1, articles)
        inside = _named(tokens, places[-1] + 1, _INSIDE) if len(places) > 1 else ()
        for words in (thing, inside):
            if words and words[-1].text.islower() and any(w.fold not in known for w in words):
                shown = [w.text for w in words if w.fold not in _ARTICLES]
                return " ".join(shown[:THING_WORDS_MAX])
    return ""


def _named(tokens: tuple[Token, ...], at: int, leading: frozenset[str]) -> tuple[Token, ...]:
    """The words behind one of those that lead to a thing, up to the next small word."""
    if at >= len(tokens) or tokens[at].fold not in leading:
        return ()
    end = at + 1
    while end < len(tokens) and tokens[end].kind == "word" and tokens[end].fold not in _ENDING:
        end += 1
    return tokens[at + 1 : end]


_ENDING = (
    v.BEFORE_RECORD
    | v.LISTING
    | v.word_set(
        "in at with because since that which please pls plz thanks thank thx ty asap now today "
        "tomorrow bitte danke por favor gracias s'il svp merci"
    )
)


def _words_of(workflows: tuple[Workflow, ...]) -> frozenset[str]:
    """Every word by which these workflows know anything."""
    spoken: list[str] = []
    for workflow in workflows:
        spoken += [workflow.title, " ".join(w for verb in verbs_of(workflow) for w in verb)]
        for name, slot in workflow.slots.items():
            spoken += [label(name), *slot.words] if not isinstance(slot, MoneySlot) else [name]
            spoken += [slot.noun, f"{slot.noun}s"] if isinstance(slot, RecordSlot) else []
            if isinstance(slot, ChoiceSlot):
                spoken += [word for value, others in slot.of.items() for word in (value, *others)]
    return frozenset(word for words in phrases_of(spoken) for word in words)
