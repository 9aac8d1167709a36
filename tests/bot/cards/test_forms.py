"""Forms: what may be filled in when, and what is made of what was filled in, whatever it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cards import forms
from bot.cards.forms import ChoiceField, FormKind, TextField, TicksField
from bot.cards.model import Strong
from bot.incoming import Verb
from bot.view import FormField
from store.model.run import Status
from tests.bot.cards.hostile_words import with_text
from tests.bot.cards.one_refund import PROPOSAL, SKIPPABLE
from tests.bot.cards.stories import STORIES

WAITING = STORIES["waiting_1_of_2"]
REASONS = WAITING.reject_reasons
HOSTILE = ("<!channel> **x** &amp;", "\u202eabc\u200b\x00\ud800\n\n", "<" * 40_000, "", "_" * 99)
ODD = ("slot_0", ("a",), (), "", "\x00", "\ud800", None, 7, {"a": 1}, [["close"]])


def skipping(*steps: str):
    run = WAITING.run.model_copy(
        update={"proposal": PROPOSAL.model_copy(update={"skipped": steps})}
    )
    return replace(WAITING, run=run)


@pytest.mark.parametrize("kind", [FormKind.REJECT, FormKind.EDIT, FormKind.ASK, FormKind.REPLY])
@pytest.mark.parametrize("status", [each for each in Status if each is not Status.WAITING])
def test_a_verdict_has_no_form_once_nothing_waits(kind, status):
    shown = replace(WAITING, run=WAITING.run.model_copy(update={"status": status}))
    none = forms.form(kind, shown)
    assert none == f"R-20391 is {status} already; its card shows how it stands."


def test_an_answer_is_asked_for_while_its_own_question_is_open():
    asking = STORIES["asking_in_words"]
    found = forms.form(FormKind.ANSWER, asking, "amount")
    assert not isinstance(found, str)
    assert found.lines == ((asking.run.question.text,),)
    none = "This question is answered already."
    assert forms.form(FormKind.ANSWER, asking, "order") == none
    assert forms.form(FormKind.ANSWER, WAITING, "amount") == none


def test_a_review_has_a_form_although_the_run_is_settled():
    found = forms.form(FormKind.REVIEW, STORIES["applied"])
    assert not isinstance(found, str)
    assert [field.label for field in found.fields] == ["What was wrong?"]


def test_nothing_to_edit_and_nothing_to_reply_to_have_no_form():
    bare = replace(WAITING, fields=(), skippable=())
    assert forms.form(FormKind.EDIT, bare) == "Nothing about this plan can be edited."
    answered = STORIES["question_answered"]
    assert forms.form(FormKind.REPLY, answered) == "Nobody waits for a reply any more."


def test_a_reply_shows_every_open_question_with_who_asked():
    asking = STORIES["question_open"]
    found = forms.form(FormKind.REPLY, asking)
    assert not isinstance(found, str)
    (said,) = asking.run.remarks
    assert found.lines[1:] == ((Strong(said.name), " asks:"), (f"“{said.text}”",))


def test_an_edit_holds_what_the_plan_holds():
    amount, reason, skip = forms.fields(FormKind.EDIT, skipping("close"))
    assert isinstance(amount, TextField)
    assert (amount.label, amount.value, amount.is_long) == ("amount", "$40.00", False)
    assert isinstance(reason, ChoiceField)
    assert reason.value == "damaged"
    assert skip == TicksField("skip", "Leave out", SKIPPABLE, ("close",))


def test_a_value_that_would_be_cut_has_no_field_and_a_form_has_an_end():
    long = FormField("note", "note", "\U0001f4b8" * 1_501)  # two units each: beyond 3,000
    many = tuple(FormField(f"f{n}", f"f{n}", "x") for n in range(40))
    steps = tuple((f"s{n}", f"S {n}") for n in range(99))
    shown = replace(WAITING, fields=(long, *many), skippable=steps)
    found = forms.fields(FormKind.EDIT, shown)
    assert [field.label for field in found] == [*(f"f{n}" for n in range(12)), "Leave out"]
    assert len(found[-1].ticks) == forms.SKIPPABLE_MAX


@pytest.mark.parametrize(
    ("filled", "text"),
    [
        ({"reason": REASONS[0]}, REASONS[0]),
        ({"text": "  because "}, "because"),
        ({"reason": REASONS[1], "text": "43 days"}, f"{REASONS[1]}: 43 days"),
        ({"reason": "a reason of my own", "text": "x"}, "x"),
    ],
)
def test_a_rejection_is_the_chosen_reason_and_the_persons_words(filled, text):
    read = forms.read(FormKind.REJECT, WAITING, filled)
    assert (read.verb, read.text, read.errors) == (Verb.REJECT, text, None)


@pytest.mark.parametrize("filled", [{}, {"text": " \n\t "}, {"reason": "no reason of ours"}])
def test_a_rejection_without_a_reason_is_none(filled):
    read = forms.read(FormKind.REJECT, WAITING, filled)
    assert read.errors == {"text": "Choose a reason or say one; who asked reads it."}


@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        (FormKind.ANSWER, Verb.ANSWER),
        (FormKind.ASK, Verb.ASK),
        (FormKind.REPLY, Verb.REPLY),
        (FormKind.REVIEW, None),
    ],
)
def test_words_are_what_was_typed_and_none_is_an_error(kind, verb):
    read = forms.read(kind, None, {"text": " so \n"})
    assert (read.verb, read.text, read.errors) == (verb, "so", None)
    assert set(forms.read(kind, None, {}).errors or {}) == {"text"}


def test_an_edit_is_what_differs_from_the_plan():
    filled = {"slot_0": " $35.00 ", "slot_1": "damaged", "skip": ("close", "close", "not a step")}
    read = forms.read(FormKind.EDIT, WAITING, filled)
    assert (read.values, read.skip, read.errors) == ((("amount", "$35.00"),), ("close",), None)


def test_only_ticked_steps_of_the_plan_are_left_out_in_its_order():
    steps = (("one", "1"), ("two", "2"), ("three", "3"))
    shown = replace(WAITING, skippable=steps)
    read = forms.read(FormKind.EDIT, shown, {"skip": ("three", "one", "four")})
    assert read.skip == ("one", "three")


def test_an_edit_that_changes_nothing_is_told_beside_the_first_field():
    said = "Nothing is changed. Change something, or close this."
    held = {"slot_0": "$40.00", "slot_1": "damaged", "skip": ("close",)}
    assert forms.read(FormKind.EDIT, skipping("close"), held).errors == {"slot_0": said}
    assert forms.read(FormKind.EDIT, WAITING, {}).errors == {"slot_0": said}
    steps_only = replace(WAITING, fields=())
    assert forms.read(FormKind.EDIT, steps_only, {}).errors == {"skip": said}


def test_unticking_is_a_change_of_its_own():
    read = forms.read(FormKind.EDIT, skipping("close"), {"skip": ()})
    assert (read.values, read.skip, read.errors) == ((), (), None)


def test_an_edit_of_what_cannot_be_read_does_nothing():
    read = forms.read(FormKind.EDIT, None, {"slot_0": "$1.00"})
    assert read.values == ()
    assert read.errors == {"skip": forms.UNKNOWN_FORM}
    assert forms.fields(FormKind.EDIT, None) == ()


@pytest.mark.parametrize("odd", ODD)
def test_whatever_comes_instead_of_what_was_filled_in_is_not_sent(odd):
    for kind in FormKind:
        for name in ("text", "reason", "slot_0", "slot_1", "slot_9", "skip"):
            read = forms.read(kind, WAITING, {name: odd})
            assert set(read.skip) <= {"close"}
            assert isinstance(read.text, str)
            typed = [value for _, value in read.values]
            assert typed == ([odd.strip()] if typed else [])
    chosen = forms.read(FormKind.EDIT, WAITING, {"slot_0": "$1.00", "slot_1": odd})
    assert chosen.values == (("amount", "$1.00"),)


def test_a_refusal_stands_beside_the_field_that_it_names():
    beside = forms.error_field
    assert beside(FormKind.EDIT, WAITING, "Reason must be one of damaged, late.") == "slot_1"
    assert beside(FormKind.EDIT, WAITING, "This plan is not the one that was shown.") == "slot_0"
    assert beside(FormKind.EDIT, replace(WAITING, fields=()), "no") == "skip"
    assert beside(FormKind.EDIT, None, "amount") == "skip"
    for kind in (FormKind.REJECT, FormKind.ANSWER, FormKind.ASK, FormKind.REPLY, FormKind.REVIEW):
        assert beside(kind, None, "amount") == "text"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_every_form_of_hostile_texts_is_bounded_and_reads_back(hostile):
    shown = replace(with_text(WAITING, hostile), reject_reasons=(hostile,) * 200)
    for kind in FormKind:
        found = forms.form(kind, shown)
        fields = forms.fields(kind, shown)
        assert isinstance(found, str) or found.fields == fields
        assert len({field.name for field in fields}) == len(fields)
        for field in fields:
            if isinstance(field, ChoiceField):
                assert len(field.choices) <= forms.CHOICES_MAX
            if isinstance(field, TicksField):
                assert len(field.ticks) <= forms.SKIPPABLE_MAX
        forms.read(kind, shown, {"text": hostile, "reason": hostile, "slot_0": hostile})
        forms.error_field(kind, shown, hostile)


def test_headings_and_buttons_fit_everywhere():
    views = (WAITING, STORIES["asking_in_words"], STORIES["question_open"])
    for kind in FormKind:
        shown = next(
            form for view in views if not isinstance(form := forms.form(kind, view, "amount"), str)
        )
        assert 1 <= len(shown.heading) <= 24
        assert 1 <= len(shown.submit) <= 24
