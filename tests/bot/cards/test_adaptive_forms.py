"""Forms in Teams: what was typed stays, errors stand beside it, nothing sent is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cards import adaptive_forms, forms
from bot.cards.forms import ChoiceField, Form, FormKind, TextField, TicksField
from bot.view import FormField
from tests.bot.cards import teams_limits
from tests.bot.cards.stories import STORIES

HIDDEN = {"press": "R-20391:ab", "channel": "19:x@thread.tacv2", "thread": "1", "message": "2"}
FIELDS = (
    TextField("text", "Words", 100),
    ChoiceField("reason", "Reason", (("a,b", "A, B"), ("c", "C"), ("c", "C again")), "c", True),
    TicksField("skip", "Leave out", (("s,1", "one"), ("s2", "two"), ("s3", "three")), ("s2",)),
)
FORM = Form(FormKind.REJECT, "Heading", (("About",),), FIELDS, "Send", "A hint")


def _sent(dialog: adaptive_forms.Dialog, **typed: str) -> dict[str, str]:
    """What a client sends when its person fills in the dialog and presses its button."""
    inputs = [e for e in teams_limits.elements(dialog.card) if e["type"].startswith("Input.")]
    values = {each["id"]: each.get("value", "") for each in inputs}
    assert set(typed) <= set(values)
    (submit,) = teams_limits.actions(dialog.card)
    return {**submit["data"], **values, **typed}


def _choice(dialog: adaptive_forms.Dialog, name: str, label: str) -> str:
    (each,) = [e for e in teams_limits.elements(dialog.card) if e.get("id") == name]
    return next(choice["value"] for choice in each["choices"] if choice["title"] == label)


def test_a_form_that_nothing_was_changed_in_reads_as_it_was_shown():
    dialog = adaptive_forms.render(FORM, HIDDEN)
    sent = _sent(dialog)
    assert adaptive_forms.filled(FIELDS, sent) == {"text": "", "reason": "c", "skip": ("s2",)}
    assert {name: sent[name] for name in HIDDEN} == HIDDEN
    assert adaptive_forms.kind(sent) is FormKind.REJECT


def test_values_with_commas_survive_the_wire():
    dialog = adaptive_forms.render(FORM, HIDDEN)
    ticks = ",".join(_choice(dialog, "skip", label) for label in ("three", "one"))
    sent = _sent(dialog, reason=_choice(dialog, "reason", "A, B"), skip=ticks, text="why, indeed")
    assert adaptive_forms.filled(FIELDS, sent) == {
        "text": "why, indeed",
        "reason": "a,b",
        "skip": ("s,1", "s3"),
    }


def test_a_choice_can_be_taken_back():
    dialog = adaptive_forms.render(FORM, HIDDEN)
    sent = _sent(dialog, reason=_choice(dialog, "reason", adaptive_forms.NONE_LABEL))
    assert adaptive_forms.filled(FIELDS, sent)["reason"] == ""


@pytest.mark.parametrize(
    "forged", ["c", "9-00000000", "0", "-1", "1-", "x" * 5_000, 7, None, ["c"]]
)
def test_a_choice_that_was_not_offered_counts_as_not_sent(forged):
    data = {"text": forged, "reason": forged, "skip": forged}
    found = adaptive_forms.filled(FIELDS, data)
    assert "reason" not in found
    assert found["skip"] == ()
    assert ("text" in found) is isinstance(forged, str)


def test_a_choice_of_another_list_is_not_taken_for_one_of_this():
    """The reasons changed while somebody had the form open: theirs is not recorded as another."""
    sent = _sent(adaptive_forms.render(FORM, HIDDEN))
    others = (ChoiceField("reason", "Reason", (("x", "X"), ("y", "Y"), ("z", "Z"))),)
    assert adaptive_forms.filled(others, sent) == {}


def test_what_was_typed_stays_and_the_error_stands_above_its_field():
    typed = {"text": "mine", "reason": "a,b", "skip": ("s3", "s,1")}
    errors = {"reason": "Not that one.", "gone": "Something else."}
    dialog = adaptive_forms.render(FORM, HIDDEN, typed=typed, errors=errors)
    assert adaptive_forms.filled(FIELDS, _sent(dialog)) == {**typed, "skip": ("s,1", "s3")}
    body = dialog.card["body"]
    at = [e.get("id") for e in body].index("reason")
    (run,) = body[at - 1]["inlines"]
    assert (run["text"], run["color"]) == ("Not that one.", "attention")
    assert "Something else." in teams_limits.texts(dialog.card)
    assert teams_limits.faults(dialog.card) == []


def test_what_is_needed_is_asked_for_before_it_is_sent():
    dialog = adaptive_forms.render(FORM, HIDDEN)
    by_id = {e["id"]: e for e in teams_limits.elements(dialog.card) if "id" in e}
    assert by_id["text"]["isRequired"] is True
    assert by_id["text"]["maxLength"] == 100
    assert by_id["text"]["isMultiline"] is True
    assert "isRequired" not in by_id["reason"]
    assert by_id["reason"]["label"] == "Reason (optional)"
    assert "isRequired" not in by_id["skip"]


def test_an_edit_asks_the_flow_for_what_was_changed_alone():
    view = STORIES["waiting_0_of_2"]
    shown = forms.form(FormKind.EDIT, view)
    assert isinstance(shown, Form)
    dialog = adaptive_forms.render(shown, HIDDEN)
    label = next(label for _, label in view.skippable)
    sent = _sent(dialog, slot_0="$45.00", skip=_choice(dialog, "skip", label))
    filled = adaptive_forms.filled(forms.fields(FormKind.EDIT, view), sent)
    submission = forms.read(FormKind.EDIT, view, filled)
    assert submission.values == (("amount", "$45.00"),)
    assert submission.skip == ("close",)
    assert not submission.errors


def test_a_form_too_large_for_teams_leaves_its_last_fields_as_they_are():
    view = replace(
        STORIES["waiting_0_of_2"],
        fields=tuple(FormField(f"f{at}", f"field {at}", "語" * 3_000) for at in range(12)),
    )
    shown = forms.form(FormKind.EDIT, view)
    assert isinstance(shown, Form)
    dialog = adaptive_forms.render(shown, HIDDEN)
    assert teams_limits.faults(dialog.card) == []
    texts = teams_limits.texts(dialog.card)
    assert any(text.endswith("more do not fit in here and stay as they are.") for text in texts)
    filled = adaptive_forms.filled(shown.fields, _sent(dialog, slot_0="else"))
    assert forms.read(FormKind.EDIT, view, filled).values == (("f0", "else"),)


def test_an_unknown_form_is_none_of_ours():
    for data in ({}, {"form": "x"}, {"form": 7}, {"form": ["reject"]}):
        assert adaptive_forms.kind(data) is None


def test_a_request_out_of_a_message_can_be_put_better():
    dialog = adaptive_forms.request_dialog("refund $40\non order 1043", HIDDEN)
    sent = _sent(dialog)
    assert sent["form"] == adaptive_forms.REQUEST
    assert sent[adaptive_forms.REQUEST] == "refund $40\non order 1043"
    assert dialog.task()["card"]["content"] == dialog.card
