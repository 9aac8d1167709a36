"""Every form: what stands in it, what reaches the flow, what is told beside which field."""

from __future__ import annotations

from dataclasses import replace

from bot.cards import forms
from bot.cards.forms import FormKind
from bot.cards.model import Action
from bot.cards.run_card import run_card
from bot.incoming import Reply, Verb
from bot.surfaces import words
from tests.bot.cards.one_refund import PROPOSAL
from tests.bot.cards.stories import STORIES
from tests.bot.parity.case import cases_of
from tests.bot.parity.hands import Hands
from tests.bot.parity.of_buttons import RUN, card_of, clicked

CASES, case = cases_of()
WORDS = "In your own words"


@case(FormKind.REJECT, Action.REJECT, Verb.REJECT)
async def a_rejection_carries_the_reason_and_the_words(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Reject…", "finance", message)
    await hands.window("finance", "posted in the thread for everybody there")
    assert await hands.submit("finance", {"Reason": "outside 30 days", WORDS: "43 days"}) == {}
    click = await clicked(hands)
    assert (click.verb, click.run_id, click.digest) == (Verb.REJECT, RUN, PROPOSAL.digest)
    assert click.text == "outside 30 days: 43 days"
    assert click.message == message
    assert click.place.channel


@case(FormKind.REJECT)
async def a_reason_alone_is_enough(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Reject…", "finance", message)
    assert await hands.submit("finance", {"Reason": "outside 30 days"}) == {}
    assert (await clicked(hands)).text == "outside 30 days"


@case(FormKind.REJECT)
async def a_rejection_without_a_reason_is_asked_again(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Reject…", "lead", message)
    wrong = await hands.submit("lead", {})
    assert wrong == {WORDS: "Choose a reason or say one; who asked reads it."}
    assert hands.memory.clicks == []


@case(FormKind.REJECT)
async def blanks_are_no_reason(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Reject…", "lead", message)
    assert await hands.submit("lead", {WORDS: "   \n  "}) != {}
    assert hands.memory.clicks == []


@case(FormKind.REJECT)
async def a_refused_rejection_stays_in_its_window_with_what_was_typed(hands: Hands) -> None:
    message = await card_of(hands)
    hands.memory.reply = Reply("You asked for this.", is_refusal=True)
    await hands.press("Reject…", "agent", message)
    assert await hands.submit("agent", {WORDS: "because"}) == {WORDS: "You asked for this."}
    assert (await hands.filled("agent"))[WORDS] == "because"


@case(FormKind.REJECT, "words.STORE_AWAY")
async def a_rejection_that_cannot_be_recorded_stays_in_its_window(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Reject…", "lead", message)
    await hands.window("lead", "Reason")
    hands.memory.failing = RuntimeError("the store is away")
    assert await hands.submit("lead", {WORDS: "because"}) == {WORDS: words.STORE_AWAY}


@case(FormKind.EDIT, Action.EDIT, Verb.EDIT)
async def an_edit_sends_the_changed_fields_and_the_ticked_steps(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Edit…", "lead", message)
    fill = {"amount": "$35.00", "reason": "late"}
    ticks = [label for value, label in STORIES["waiting_1_of_2"].skippable if value == "close"]
    assert await hands.submit("lead", {**fill, "Leave out": ticks}) == {}
    click = await clicked(hands)
    assert (click.verb, click.run_id, click.digest) == (Verb.EDIT, RUN, PROPOSAL.digest)
    assert click.values == (("amount", "$35.00"), ("reason", "late"))
    assert click.skip == ("close",)
    assert click.person is not None
    assert click.person.roles == ("support", "support-lead")


@case(FormKind.EDIT)
async def an_edit_form_holds_what_the_plan_holds(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Edit…", "lead", message)
    await hands.window("lead", "whoever changes a value cannot approve it")
    held = await hands.filled("lead")
    assert held["amount"] == "$40.00"
    assert held["reason"] == "damaged"
    assert held["Leave out"] == ()


@case(FormKind.EDIT)
async def fields_that_were_not_touched_are_not_sent(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Edit…", "lead", message)
    assert await hands.submit("lead", {"amount": "$35.00"}) == {}
    assert (await clicked(hands)).values == (("amount", "$35.00"),)


@case(FormKind.EDIT)
async def steps_left_out_already_stay_so_until_they_are_unticked(hands: Hands) -> None:
    story = STORIES["waiting_0_of_2"]
    proposal = PROPOSAL.model_copy(update={"skipped": ("close",)})
    shown = replace(story, run=story.run.model_copy(update={"proposal": proposal}))
    hands.memory.shown[RUN] = shown
    message = await hands.show(run_card(shown))
    await hands.press("Edit…", "lead", message)
    assert await hands.submit("lead", {"amount": "$35.00"}) == {}
    assert (await clicked(hands)).skip == ("close",)
    await hands.press("Edit…", "lead", message)
    assert await hands.submit("lead", {"Leave out": []}) == {}
    assert (await clicked(hands, 2)).skip == ()


@case(FormKind.EDIT)
async def an_edit_without_a_change_stays_in_its_window(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Edit…", "lead", message)
    wrong = await hands.submit("lead", {})
    assert list(wrong.values()) == ["Nothing is changed. Change something, or close this."]
    assert hands.memory.clicks == []


@case(FormKind.EDIT)
async def a_refused_value_is_told_beside_its_field(hands: Hands) -> None:
    message = await card_of(hands)
    hands.memory.reply = Reply("Reason must be one of damaged, late.", is_refusal=True)
    await hands.press("Edit…", "lead", message)
    wrong = await hands.submit("lead", {"amount": "$35.00"})
    assert wrong == {"reason": "Reason must be one of damaged, late."}
    assert (await hands.filled("lead"))["amount"] == "$35.00"


@case(FormKind.ASK, Action.ASK, Verb.ASK)
async def a_question_to_the_requester(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Ask Dana…", "lead", message)
    await hands.window("lead", "It stands on the card and in the thread")
    assert await hands.submit("lead", {"Your question to Dana Okafor": "The second box?"}) == {}
    click = await clicked(hands)
    assert (click.verb, click.text, click.digest) == (Verb.ASK, "The second box?", PROPOSAL.digest)


@case(FormKind.ASK)
async def an_empty_question_is_asked_again(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Ask Dana…", "lead", message)
    wrong = await hands.submit("lead", {"Your question to Dana Okafor": " "})
    assert list(wrong) == ["Your question to Dana Okafor"]
    assert hands.memory.clicks == []


@case(FormKind.REPLY, Action.REPLY, Verb.REPLY)
async def a_reply_to_an_open_question(hands: Hands) -> None:
    message = await card_of(hands, "question_open")
    await hands.press("Reply…", "agent", message)
    assert await hands.submit("agent", {"Your reply": "Yes."}) == {}
    click = await clicked(hands)
    assert (click.verb, click.text, click.digest) == (Verb.REPLY, "Yes.", PROPOSAL.digest)


@case(FormKind.ANSWER, Action.ANSWER_FORM, Verb.ANSWER)
async def an_answer_typed_into_a_form(hands: Hands) -> None:
    message = await card_of(hands, "asking_in_words")
    await hands.press("Answer…", "agent", message)
    assert await hands.submit("agent", {"Your answer": "forty dollars"}) == {}
    click = await clicked(hands)
    assert (click.verb, click.digest, click.text) == (Verb.ANSWER, "amount", "forty dollars")


@case(FormKind.ANSWER)
async def control_characters_and_directions_reach_the_flow_as_data(hands: Hands) -> None:
    """What is made of them is the flow's and the renderers' to say; none breaks a form."""
    message = await card_of(hands, "asking_in_words")
    await hands.press("Answer…", "agent", message)
    typed = "\u202e$40\u200b <!channel> <at>everyone</at> **bold** [x](https://evil.example) \x07"
    assert await hands.submit("agent", {"Your answer": typed}) == {}
    assert (
        "<!channel> <at>everyone</at> **bold** [x](https://evil.example)"
        in (await clicked(hands)).text
    )


@case(FormKind.REVIEW, "review", "home", "words.WRONG")
async def what_was_wrong_is_recorded(hands: Hands) -> None:
    hands.memory.to_review = (STORIES["applied_by_itself"],)
    hands.memory.shown[RUN] = STORIES["applied_by_itself"]
    await hands.home("lead", words.TO_REVIEW)
    await hands.press_home(words.WRONG, "lead")
    assert await hands.submit("lead", {"What was wrong?": "the second box"}) == {}
    await hands.until(lambda: hands.memory.reviews)
    (_, run_id, is_right, reason) = hands.memory.reviews[0]
    assert (run_id, is_right, reason) == (RUN, False, "the second box")


@case(FormKind.REVIEW)
async def wrong_needs_a_word_of_what(hands: Hands) -> None:
    hands.memory.to_review = (STORIES["applied_by_itself"],)
    hands.memory.shown[RUN] = STORIES["applied_by_itself"]
    await hands.home("lead", words.TO_REVIEW)
    await hands.press_home(words.WRONG, "lead")
    wrong = await hands.submit("lead", {"What was wrong?": "  "})
    assert wrong == {"What was wrong?": "Say what was wrong; whoever owns the workflow reads it."}
    assert hands.memory.reviews == []


@case("review", "words.RIGHT")
async def right_is_one_press(hands: Hands) -> None:
    hands.memory.to_review = (STORIES["applied_by_itself"],)
    hands.memory.shown[RUN] = STORIES["applied_by_itself"]
    await hands.home("lead", words.TO_REVIEW)
    await hands.press_home(words.RIGHT, "lead")
    await hands.until(lambda: hands.memory.reviews)
    assert hands.memory.reviews[0][1:] == (RUN, True, "")


TOO_LATE = (
    ("Edit…", "applied", "is applied already; its card shows how it stands."),
    ("Ask Dana…", "expired", "is expired already"),
    ("Reply…", "question_answered", "Nobody waits for a reply any more."),
    ("Reject…", "cancelled", "is cancelled already"),
)


@case(*FormKind)
async def a_window_that_comes_too_late_says_so(hands: Hands) -> None:
    message = await card_of(hands, "question_open")
    for label, story, said in TOO_LATE:
        hands.memory.shown[RUN] = STORIES[story]
        await hands.press(label, "lead", message)
        await hands.window("lead", said)
    assert hands.memory.clicks == []


@case(FormKind.ANSWER)
async def an_answer_to_a_question_that_was_answered_says_so(hands: Hands) -> None:
    message = await card_of(hands, "asking_in_words")
    hands.memory.shown[RUN] = STORIES["waiting_0_of_2"]
    await hands.press("Answer…", "agent", message)
    await hands.window("agent", "This question is answered already.")


@case("words.NOT_READ")
async def a_form_whose_run_cannot_be_read_says_so(hands: Hands) -> None:
    message = await card_of(hands)

    def view(run_id: str) -> None:
        raise RuntimeError("the store is away")

    hands.memory.view = view  # type: ignore[method-assign,assignment]
    await hands.press("Edit…", "lead", message)
    await hands.window("lead", words.NOT_READ)


@case()
async def a_long_text_is_taken_as_long_as_its_field_says(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Reject…", "lead", message)
    typed = "x" * forms.REASON_CHARACTERS_MAX
    assert await hands.submit("lead", {WORDS: typed}) == {}
    assert (await clicked(hands)).text == typed
