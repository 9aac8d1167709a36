"""A model's claim about a request becomes a plan, a question or a refusal by the rules' own means.

The words of each slot must stand where somebody wrote them, and the slot's own filler must read the
same from them. What is no more than the model's reading becomes a choice that the requester may
press; nothing is guessed, and nothing that the requester did not write is an amount.
"""

from __future__ import annotations

from datetime import date

from bot.planner import amounts, forms, records, refusals, until
from bot.planner.amounts import Limit
from bot.planner.beside import is_introduced, torn
from bot.planner.binding import Filled
from bot.planner.choices import SAID_CHARACTERS_MAX, label
from bot.planner.described import leaves_out, others_named, stranger
from bot.planner.doubts import confirmed, is_doubtful
from bot.planner.filling import Filling, Found
from bot.planner.money import read, spell
from bot.planner.normalise import hear
from bot.planner.passages import Passage, Quote, passages, quote
from bot.planner.planner import WORKFLOW_SLOT, Ask, Asked, Before, Draft, Planned
from bot.planner.rules import named_by
from bot.planner.schema import Claim, SlotClaim
from bot.planner.source import Source
from bot.planner.tokens import tokenize
from bot.planner.tools import Read
from bot.planner.turns import Faults
from bot.planner.vocabulary import COMMON, fold
from connectors.operation import Record
from policies.workflow import ChoiceSlot, DaySlot, MoneySlot, RecordSlot, TextSlot, Workflow
from store.model.plan import Slot
from store.model.run import Question
from store.model.values import CURRENCY_EXPONENTS, format_money, is_money

OPTIONS_MAX = 10  # workflows that a question offers as buttons
READ_CHARACTERS_MAX = 60  # of words that a model sorted, on a card's line


def judge(
    claim: Claim, asked: Asked, reads: tuple[Read, ...] = (), *, is_last: bool
) -> Planned | Faults:
    """What comes of a claim about what was asked, with the records that a model had read.
    `is_last`: nothing can be repaired any more, so what is wrong with a slot leaves it open, to be
    asked for. Raises what `find` raises."""
    workflows, named = asked.workflows, asked.of_slot(WORKFLOW_SLOT)
    if claim.kind == "refusal":
        return refusals.out_of_scope(workflows)
    chosen = () if named is None else named_by(named, workflows)
    if claim.kind == "question" and claim.asks == WORKFLOW_SLOT and len(chosen) != 1:
        return which(workflows)
    workflow = next((w for w in chosen or workflows if w.workflow == claim.workflow), None)
    if workflow is None:
        known = ", ".join(w.workflow for w in chosen or workflows)
        return Faults((f"there is no workflow {claim.workflow!r} here; there are: {known}",))
    filling = _Claimed(workflow, claim, asked, reads)
    planned = filling.plan()
    if filling.faults and not is_last:
        return Faults(tuple(filling.faults))
    is_sure = len(chosen) == 1 or not is_doubtful(workflow, filling.sources[0])
    return planned if is_sure or not isinstance(planned, Draft) else confirmed(planned, workflow)


def which(workflows: tuple[Workflow, ...]) -> Ask:
    """The question which task is meant."""
    options = tuple((w.workflow, w.title) for w in workflows[:OPTIONS_MAX])
    return Ask(
        "", Question(slot=WORKFLOW_SLOT, text="Which of these do you mean?", choices=options)
    )


class _Claimed(Filling):
    """The slots of one workflow, filled where a claim and the rules' own reading agree."""

    def __init__(
        self, workflow: Workflow, claim: Claim, asked: Asked, reads: tuple[Read, ...]
    ) -> None:
        self._passages = passages(workflow, asked, reads)
        own = [p.source for p in reversed(self._passages) if p.kind == "answer"]
        answers = tuple(source for source in own if source.slot in workflow.slots)
        super().__init__(workflow, (self._passages[0].source, *answers), asked.find, asked.today)
        doubted = {claim.asks} if claim.kind == "question" else set()
        self._claims = {
            s.slot: s
            for s in claim.slots
            if s.slot not in doubted and sum(o.slot == s.slot for o in claim.slots) == 1
        }
        self._doubted = doubted
        names = [s.slot for s in claim.slots]
        wrong = [n for n in dict.fromkeys(names) if n not in workflow.slots or names.count(n) > 1]
        once = f"each slot of {workflow.workflow} once; they are: {', '.join(workflow.slots)}"
        self.faults = [f"{name[:80]!r}: {once}" for name in wrong]

    def record(self, name: str, slot: RecordSlot) -> Filled | Question:
        claim = self._claims.get(name)
        if self.is_answered(name):
            return super().record(name, slot)
        nothing = Question(slot=name, text=slot.ask)
        if claim is None:
            return nothing
        said = self._said(claim, [p for p in self._passages if p.kind != "record"])
        if said is None:
            return nothing
        return self._found(claim, slot, said)

    def _found(self, claim: SlotClaim, slot: RecordSlot, said: Quote) -> Filled | Question:
        """The record that the words find, if it is the one claimed."""
        name = claim.slot
        source = Source(self.workflow, said.text, said.text, name)
        found = records.fill(name, slot, (source,), self.find, is_bare_sure=True)
        if isinstance(found, Question):
            if not found.choices:
                self._fault(claim, f"no {slot.noun} is found by {said.text!r}")
            return found
        assert found.record is not None, "a record slot is filled with its record"
        if fold(claim.value) not in {fold(found.record.id), fold(records.key(found.record))}:
            self._fault(claim, f"{said.text!r} finds {found.record.id}, not {claim.value!r}")
            return records.ask(name, slot, found.record)
        if self._is_turned(said) or not self._is_called(slot, said, found.record):
            return records.ask(name, slot, found.record)
        if self._means_another(name, slot, found.record):
            return records.ask(name, slot, found.record)
        return _with_origin(found, said.passage)

    def _is_called(self, slot: RecordSlot, said: Quote, record: Record) -> bool:
        """Whether a number that the words hold is called a record's where they stand."""
        known = {fold(record.id), fold(records.key(record))}
        numbers = [t.digits or t.text for t in tokenize(said.text) if t.kind == "integer"]
        named = [number for number in numbers if fold(number) in known]
        return all(is_introduced(slot, said.passage.source, number) for number in named)

    def _means_another(self, name: str, slot: RecordSlot, record: Record) -> bool:
        """Whether the request itself names a number or a name that is not this record's."""
        request = (self._passages[0].source,)
        numbers = {m.number for m in records.mentions(name, slot, request) if m.rank > 1}
        is_other = any(fold(number) != fold(records.key(record)) for number in numbers)
        return (
            is_other
            or bool(stranger(name, slot, request, record, self.find))
            or others_named(name, slot, request, record, self.find) is not None
            or leaves_out(name, slot, request[0], self.find)
        )

    def _is_turned(self, said: Quote) -> bool:
        """Whether what was said in the thread may say the opposite: nobody there asked for it."""
        passage = said.passage
        return passage.kind == "thread" and is_doubtful(self.workflow, passage.source)

    def money(self, name: str, slot: MoneySlot, limit: Limit, taken: str) -> Found:
        """Only what the rules read from the requester's own words, and the model reads as well. A
        number that no word and no sign calls money may be a time or a weight."""
        found = amounts.fill(name, slot, self.sources, limit, taken)
        claim = self._claims.get(name)
        if self.is_answered(name) and found is not None:
            return found
        own = [p for p in self._passages if p.is_requester]
        why = "only the requester's own words can be an amount"
        said = self._said(claim, own, why) if claim is not None else None
        if claim is None or said is None:
            return (
                _offered(name, slot, limit, _minors(found)) if isinstance(found, Filled) else found
            )
        if found is None and said.passage.kind == "thread":
            found = amounts.fill(name, slot, (said.passage.source,), limit, taken)
            found = _with_origin(found, said.passage) if isinstance(found, Filled) else found
        minor = _minor(claim.value, limit)
        if minor is None:
            self._fault(
                claim, f"write the amount as {spell(limit.money.minor, limit.money.currency)!r}"
            )
        if isinstance(found, Filled) and _minors(found) != [minor]:
            self._fault(claim, f"the words say {_shown(found)}")
            return _offered(name, slot, limit, [*_minors(found), *([minor] if minor else [])])
        if isinstance(found, Filled) and (self._is_turned(said) or _is_bare(found)):
            return _offered(name, slot, limit, _minors(found))
        if found is not None or minor is None:
            return found
        return _offered(name, slot, limit, [minor])

    def choice(self, name: str, slot: ChoiceSlot) -> Filled | Question | None:
        claim = self._claims.get(name)
        found = forms.fill_choice(name, slot, self.sources)
        if claim is None or self.is_answered(name) or isinstance(found, Question):
            return None if name in self._doubted and not self.is_answered(name) else found
        own = [p for p in self._passages if p.is_requester]
        said = self._said(claim, own, "only the requester's own words can say this")
        if said is None:
            return found
        if claim.value not in slot.of:
            self._fault(claim, f"it is one of: {', '.join(slot.of)}")
            return found
        return self._chosen(claim, slot, said, found)

    def _chosen(
        self, claim: SlotClaim, slot: ChoiceSlot, said: Quote, found: Filled | None
    ) -> Filled | Question:
        """The value that the words say by the slot's own words for it; else the model's, where it
        only sorts what was said into kinds."""
        name = claim.slot
        source = Source(self.workflow, said.text, said.text, name)
        heard = found or forms.fill_choice(name, slot, (source,))
        is_same = isinstance(heard, Filled) and heard.slot.value == claim.value
        if isinstance(heard, Filled) and is_same and not self._is_turned(said):
            return _with_origin(heard, said.passage)
        if isinstance(heard, Filled) and not is_same:
            self._fault(claim, f"the words say {heard.slot.value!r}")
            return _which_value(name, slot, [heard.slot.value, claim.value])
        is_plain = any(t.fold not in COMMON for t in source.tokens if t.kind == "word")
        is_turned = said.is_negated or self._is_turned(said)
        if slot.words or is_turned or not is_plain:  # a datum, not a kind: it must be said
            return _which_value(name, slot, [claim.value])
        value = Slot(
            name=name,
            value=claim.value,
            said=said.text[:SAID_CHARACTERS_MAX],
            source=_reading_of(said),
        )
        return Filled(value)

    def text(self, name: str, slot: TextSlot) -> Filled | Question | None:
        claim = self._claims.get(name)
        found = forms.fill_text(name, slot, self.sources)
        if (
            claim is None
            or self.is_answered(name)
            or isinstance(found, Question)
            or _lacks_links(claim, found)
        ):
            return None if name in self._doubted and not self.is_answered(name) else found
        is_whole = slot.digits == "whole"  # how many of anything is the requester's own to say
        heeded = [p for p in self._passages if p.is_requester or not is_whole]
        why = "only the requester's own words can be a count" if is_whole else ""
        said = self._said(claim, heeded, why)
        if said is None or self._is_turned(said):
            return found
        source = Source(self.workflow, said.text, said.text, name)
        heard = forms.fill_text(name, slot, (source,))
        if not isinstance(heard, Filled):
            return heard
        is_same = found is None or found.slot.value == heard.slot.value
        if not is_same or fold(_line(claim.value)) != fold(str(heard.slot.value)):
            self._fault(claim, f"the words are {said.text!r}; give them as the value, unchanged")
            return None
        if found is None and (whole := torn(said, self._words_of_others(name))):
            self._fault(claim, f"{said.text!r} is cut from {whole!r}; take the number in")
            return forms.torn(name, slot, whole, said.text)
        return _with_origin(heard, said.passage)

    def day(self, name: str, slot: DaySlot) -> Filled | Question | None:
        """As the rules read it from the requester's own words. What only a model reads as a day is
        offered to the requester, never taken."""
        claim = self._claims.get(name)
        found = until.fill(name, slot, self.sources, self.today, self._filled)
        if self.is_answered(name) or isinstance(found, Question):
            return found
        if claim is None:
            is_open = name in self._doubted and found is None
            return until.ask(name, slot) if is_open else found
        own = [p for p in self._passages if p.is_requester]
        said = self._said(claim, own, "only the requester's own words can be a day")
        claimed = until.day_of(claim.value)
        if claimed is None or claimed < self.today:
            self._fault(claim, "write the day as 2026-11-30, and none that is over")
        if said is None or claimed is None or claimed < self.today:
            return found
        return self._until(claim, slot, said, claimed, found)

    def _until(
        self, claim: SlotClaim, slot: DaySlot, said: Quote, claimed: date, found: Filled | None
    ) -> Filled | Question:
        """The day where the rules read the same from the words, else the readings to press."""
        source = Source(self.workflow, said.text, said.text, claim.slot)
        heard = found or until.fill(claim.slot, slot, (source,), self.today)
        days = [claimed]
        if isinstance(heard, Filled) and (read := until.day_of(str(heard.slot.value))) is not None:
            if read == claimed and not self._is_turned(said):
                return found or _with_origin(heard, said.passage)
            if read != claimed:
                self._fault(claim, f"the words say {read.isoformat()}")
            days = [read, *days]
        return until.ask(
            claim.slot, slot, tuple(dict.fromkeys(days)), "I want to be sure of the day."
        )

    def _words_of_others(self, name: str) -> list[str]:
        return [claim.words for claim in self._claims.values() if claim.slot != name]

    def _said(
        self, claim: SlotClaim, among: list[Passage] | tuple[Passage, ...], why: str = ""
    ) -> Quote | None:
        """Where the words of a claim stand; a fault where they stand nowhere."""
        slot = self.workflow.slots[claim.slot]
        is_quoted_enough = isinstance(slot, ChoiceSlot | TextSlot)
        is_rest = isinstance(slot, TextSlot) and slot.is_rest
        found = quote(claim.words, among, is_quoted_enough=is_quoted_enough, is_passed_on=is_rest)
        if found is None:
            where = why or "they must stand there word for word, whole"
            self._fault(claim, f"the words {claim.words[:200]!r} do not stand there: {where}")
        return found

    def _fault(self, claim: SlotClaim, what: str) -> None:
        self.faults.append(f"slot {claim.slot}: {what}")


def claim_of_slots(before: Before) -> Claim:
    """What was checked before, as a claim to be checked again with the answers since."""
    slots = tuple(
        SlotClaim.model_validate(
            {"slot": s.name, "value": _spelt(s), "words": s.said, "from": "request"}
        )
        for s in before.slots
    )
    return Claim(kind="plan", workflow=before.workflow, slots=slots)


def _spelt(slot: Slot) -> str:
    if is_money(slot.value):
        return spell(slot.value["minor"], slot.value["currency"])
    return str(slot.value)


def _minor(value: str, limit: Limit) -> int | None:
    """The amount of "40.00 USD" in the currency of the record; None for anything else."""
    digits, _, currency = value.strip().rpartition(" ")
    if currency != limit.money.currency or currency not in CURRENCY_EXPONENTS:
        return None
    if not digits or any(c not in "0123456789." for c in digits):
        return None
    minors = read(digits, currency).minors
    return minors[0] if len(minors) == 1 else None


def _lacks_links(claim: SlotClaim, found: Filled | None) -> bool:
    """Whether a claim is what was found without the links in it."""
    said = hear(str(found.slot.value) if found else "")
    return bool(said.links) and fold(_line(said.quoted)) == fold(_line(claim.value))


def _is_bare(found: Filled) -> bool:
    return any(token.kind == "decimal" for token in tokenize(found.slot.said))


def _minors(found: Found) -> list[int]:
    return [found.slot.value["minor"]] if isinstance(found, Filled) else []


def _shown(found: Filled) -> str:
    return format_money(found.slot.value["minor"], found.slot.value["currency"])


def _offered(name: str, slot: MoneySlot, limit: Limit, minors: list[int]) -> Question:
    """Readings of an amount for the requester to press: none is taken unpressed."""
    fitting = [m for m in dict.fromkeys(minors) if 0 < m <= limit.money.minor]
    currency = limit.money.currency
    options = tuple((spell(m, currency), format_money(m, currency)) for m in fitting)
    why = f"{limit.text}." if not options else f"I want to be sure of the amount. {limit.text}."
    return Question(slot=name, text=f"{why} {slot.ask}", choices=options)


def _which_value(name: str, slot: ChoiceSlot, values: list[str]) -> Question:
    options = tuple((value, label(value)) for value in dict.fromkeys(values))
    return Question(slot=name, text=slot.ask, choices=options)


def _reading_of(said: Quote) -> str:
    """Whose the value is where a model sorted words that the choice itself does not know."""
    where = f" in {said.passage.origin}" if said.passage.origin else ""
    words = _line(said.text)
    shown = words if len(words) <= READ_CHARACTERS_MAX else f"{words[: READ_CHARACTERS_MAX - 1]}…"
    return f"the model's reading of ‘{shown}’{where}"


def _with_origin(filled: Filled, passage: Passage) -> Filled:
    slot = filled.slot.model_copy(update={"source": passage.origin})
    return Filled(slot, filled.record)


def _line(text: str) -> str:
    return " ".join(text.split())
