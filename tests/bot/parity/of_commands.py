"""Asking, in every way there is, and asking about Assent itself."""

from __future__ import annotations

from dataclasses import replace

from bot.cards.digest import digest_card
from bot.incoming import Reply, Verb
from bot.surfaces import words
from bot.surfaces.asked import What
from bot.view import RunView
from tests.bot.cards.one_refund import PROPOSAL
from tests.bot.cards.stories import DIGEST, STORIES
from tests.bot.parity.case import cases_of, plain, said
from tests.bot.parity.hands import Hands
from tests.bot.parity.of_buttons import RUN

CASES, case = cases_of()
GUEST = "guest accounts cannot ask or approve"


def waiting(number: int) -> RunView:
    """The waiting refund as another run."""
    story = STORIES["waiting_0_of_2"]
    proposal = PROPOSAL.model_copy(update={"run_id": f"R-{number}"})
    run = story.run.model_copy(update={"id": f"R-{number}", "proposal": proposal})
    return replace(story, run=run)


def three(hands: Hands) -> None:
    """Three similar refunds wait."""
    hands.memory.shown = {f"R-{number}": waiting(number) for number in (1, 2, 3)}


@case(What.REQUEST, "receive")
async def a_mention_is_a_request_of_the_person_in_a_thread_of_its_own(hands: Hands) -> None:
    text = "refund $40 on order 1043, 'arrived' & damaged"
    message = await hands.say(text, "agent")
    await hands.until(lambda: hands.memory.messages)
    heard = hands.memory.messages[0]
    assert heard.text == text
    assert (heard.account.display_name, heard.account.refusal) == ("Dana Okafor", None)
    assert (heard.message, heard.place.thread) == (message, message)
    assert heard.place.channel


@case(What.REQUEST, "receive")
async def a_personal_message_needs_no_mention(hands: Hands) -> None:
    await hands.say("refund order 1043", "agent", "personal", mention=False)
    await hands.until(lambda: hands.memory.messages)
    assert hands.memory.messages[0].text == "refund order 1043"


@case("receive")
async def talk_among_people_is_not_heard(hands: Hands) -> None:
    await hands.say("just us people", "agent", mention=False)
    await hands.say("order 1043", "agent", "personal", mention=False)
    await hands.until(lambda: hands.memory.messages)
    assert [message.text for message in hands.memory.messages] == ["order 1043"]


@case("receive")
async def a_reply_in_a_thread_keeps_the_thread(hands: Hands) -> None:
    first = await hands.say("refund something", "agent")
    await hands.until(lambda: hands.memory.messages)
    await hands.say("order 1043", "agent", thread=first)
    await hands.until(lambda: len(hands.memory.messages) == 2)
    assert hands.memory.messages[1].place == hands.memory.messages[0].place
    assert hands.memory.messages[1].message != first


@case("receive")
async def a_refusal_of_a_request_is_told_to_who_asked(hands: Hands) -> None:
    hands.memory.reply = Reply("I cannot take this: <!channel> <at>all</at>.", is_refusal=True)
    await hands.say("raise my salary", "agent")
    await hands.told("agent", "I cannot take this: <!channel> <at>all</at>.")


@case("receive")
async def guests_and_strangers_arrive_with_the_reason_to_refuse_them(hands: Hands) -> None:
    await hands.say("refund order 1", "guest")
    await hands.until(lambda: len(hands.memory.messages) == 1)
    await hands.say("refund order 2", "stranger")
    await hands.until(lambda: len(hands.memory.messages) == 2)
    reasons = [message.account.refusal for message in hands.memory.messages]
    assert reasons == [GUEST, "this account belongs to another organisation"]


@case("receive")
async def who_was_deactivated_arrives_with_a_reason_to_refuse_them(hands: Hands) -> None:
    await hands.make("agent", "deactivated")
    await hands.say("refund order 1", "agent")
    await hands.until(lambda: hands.memory.messages)
    assert hands.memory.messages[0].account.refusal is not None


@case(What.HELP, "help_text")
async def help_says_what_can_be_asked_and_every_command(hands: Hands) -> None:
    told = await hands.command("help", "agent")
    assert "I can refund a payment:" in told
    assert "refund $40 on order 1043, damaged" in told
    for what in What:
        if what not in (What.HELP, What.REQUEST):
            assert what.value in told


@case(What.HELP)
async def nothing_at_all_asks_for_help(hands: Hands) -> None:
    assert "I can refund a payment:" in await hands.command("", "agent")


@case(What.STATUS, "status")
async def status_is_told_with_its_characters(hands: Hands) -> None:
    assert "ledger 88,431 <!channel>" in await hands.command("status", "agent")


@case(What.DIGEST, "digest_text")
async def digest_is_the_whole_report(hands: Hands) -> None:
    told = plain(await hands.command("digest", "agent"))
    assert [text for text in said(digest_card(DIGEST)) if plain(text) not in told] == []


@case(What.RUN, "view")
async def run_shows_the_card_without_its_verdicts(hands: Hands) -> None:
    hands.memory.shown[RUN] = STORIES["waiting_1_of_2"]
    told = await hands.command(f"run {RUN}", "lead")
    assert "WAITING 1 of 2" in told
    assert "Reject…" not in told


@case(What.RUN, "words.no_run")
async def a_run_that_is_not_there_is_said(hands: Hands) -> None:
    assert words.no_run("R-9") in await hands.command("run R-9", "lead")


@case(What.REVIEW, "review")
async def a_review_by_command(hands: Hands) -> None:
    assert "in the record" in await hands.command(f"review {RUN} wrong: second box", "lead")
    assert hands.memory.reviews[0][1:] == (RUN, False, "second box")


@case(What.REVIEW)
async def a_review_that_is_not_understood_says_how(hands: Hands) -> None:
    assert f"review {'R-1001'} right" in await hands.command("review everything", "lead")
    assert hands.memory.reviews == []


@case(What.AWAY, "away")
async def away_hands_over_by_mention(hands: Hands) -> None:
    told = await hands.command("away until 2026-12-01 to @Mira because on leave", "lead")
    assert "Lee Park is away." in told
    (_, text) = hands.memory.absences[0]
    assert text.startswith("until 2026-12-01 to ")
    assert text.endswith("because on leave")


@case(What.BACK, "back")
async def back_takes_it_back(hands: Hands) -> None:
    assert "Welcome back." in await hands.command("back", "lead")


@case("words.not_from_you")
async def a_guest_may_give_no_command(hands: Hands) -> None:
    assert words.not_from_you(GUEST) in await hands.command("status", "guest")
    assert words.not_from_you(GUEST) in await hands.command(f"run {RUN}", "guest")


@case()
async def a_command_is_no_request(hands: Hands) -> None:
    for text in ("help", "status", "digest", "run R-9", "back"):
        await hands.command(text, "agent")
    assert hands.memory.messages == []


@case(What.HOME, "home", "words.WAITING", "words.ASKED")
async def home_shows_what_waits_and_what_i_asked_for(hands: Hands) -> None:
    hands.memory.shown[RUN] = STORIES["waiting_1_of_2"]
    seen = await hands.home("lead", words.WAITING)
    assert words.ASKED in seen.text
    assert "Refund a payment · order 1043" in seen.text
    assert "waiting, 1 of 2 approvals" in seen.text


@case(What.HOME, "words.NOTHING_WAITS", "words.NOTHING_ASKED")
async def an_empty_home_says_how_to_begin(hands: Hands) -> None:
    seen = await hands.home("lead", words.NOTHING_WAITS)
    assert words.NOTHING_ASKED in seen.text


@case(What.HOME, "words.more")
async def a_home_of_too_much_says_how_much_more(hands: Hands) -> None:
    hands.memory.shown = {f"R-{number}": waiting(number) for number in range(60)}
    assert "more" in (await hands.home("lead", words.WAITING)).text


@case(What.HOME, "words.no_requests_from_you")
async def a_guest_has_no_home(hands: Hands) -> None:
    await hands.home("guest", words.no_requests_from_you(GUEST))


@case(What.HOME, "words.TO_REVIEW", "words.RIGHT", "words.WRONG", "words.DETAILS")
async def home_asks_for_reviews_and_opens_details(hands: Hands) -> None:
    hands.memory.to_review = (STORIES["applied_by_itself"],)
    hands.memory.shown[RUN] = STORIES["waiting_1_of_2"]
    seen = await hands.home("lead", words.TO_REVIEW)
    assert {words.RIGHT, words.WRONG, words.DETAILS} <= set(seen.buttons)
    await hands.press_home(words.DETAILS, "lead")
    await hands.window("lead", "Plan digest")


@case(What.BATCH, "batch", "words.TOGETHER", "words.recorded", "words.together")
async def a_batch_presses_each_pair_that_was_shown_and_still_ticked(hands: Hands) -> None:
    three(hands)
    await hands.batch("lead", "order 1043")
    drifted = waiting(1)
    changed = drifted.run.proposal.model_copy(update={"round": 2})  # type: ignore[union-attr]
    hands.memory.shown["R-1"] = replace(
        drifted, run=drifted.run.model_copy(update={"proposal": changed})
    )
    await hands.submit_batch("lead", without=(1,))
    await hands.window("lead", "2 of 2 approvals recorded")
    pressed = [(c.verb, c.run_id, c.digest) for c in hands.memory.clicks]
    assert pressed == [
        (Verb.APPROVE, "R-1", waiting(1).run.proposal.digest),  # type: ignore[union-attr]
        (Verb.APPROVE, "R-3", waiting(3).run.proposal.digest),  # type: ignore[union-attr]
    ]
    assert {c.person.name for c in hands.memory.clicks if c.person} == {"Lee Park"}


@case(What.BATCH, "words.recorded")
async def a_batch_says_line_by_line_what_did_not_count(hands: Hands) -> None:
    three(hands)
    press = hands.memory.press

    def changed(click):  # type: ignore[no-untyped-def]
        press(click)
        is_changed = click.run_id == "R-2"
        return Reply("The plan changed since." if is_changed else "", is_refusal=is_changed)

    hands.memory.press = changed  # type: ignore[method-assign]
    await hands.batch("lead", "order 1043")
    await hands.submit_batch("lead")
    seen = await hands.window("lead", "2 of 3 approvals recorded")
    assert "(R-2): not counted. The plan changed since." in seen.text
    assert "(R-1): your approval is recorded" in seen.text


@case(What.BATCH, "words.NOTHING_TICKED")
async def nothing_ticked_is_nothing_approved(hands: Hands) -> None:
    three(hands)
    await hands.batch("lead", "order 1043")
    await hands.submit_batch("lead", without=(0, 1, 2))
    await hands.window("lead", words.NOTHING_TICKED)
    assert hands.memory.clicks == []


@case(What.BATCH, "words.recorded_unseen", is_slow=True)
async def what_became_of_a_batch_is_told_to_who_closed_its_window(hands: Hands) -> None:
    three(hands)
    await hands.batch("lead", "order 1043")
    hands.memory.delay_seconds = 1.0
    await hands.submit_batch("lead")
    await hands.close_window("lead")
    await hands.told("lead", "3 of 3 approvals are recorded")


@case(What.BATCH, "words.NOTHING_TOGETHER")
async def a_batch_of_nothing_says_so(hands: Hands) -> None:
    hands.memory.shown = {}
    await hands.batch("lead", words.NOTHING_TOGETHER)


@case(What.BATCH, "words.more_afterwards")
async def a_batch_of_too_many_says_how_many_more(hands: Hands) -> None:
    hands.memory.shown = {f"R-{number}": waiting(number) for number in range(25)}
    await hands.batch("lead", words.more_afterwards(5))


@case(What.BATCH, "words.NOT_READ")
async def a_batch_that_cannot_be_read_says_so(hands: Hands) -> None:
    def batch(account: object) -> None:
        raise RuntimeError("the directory did not answer")

    hands.memory.batch = batch  # type: ignore[method-assign,assignment]
    await hands.batch("lead", words.NOT_READ)


@case(What.BATCH, "words.not_for_you", "words.not_from_you")
async def a_guest_is_shown_no_batch(hands: Hands) -> None:
    three(hands)
    await hands.refused_batch("guest", GUEST)
    assert hands.memory.clicks == []


@case("receive", "words.asks")
async def a_shortcut_asks_for_the_person_who_used_it(hands: Hands) -> None:
    text = "order 1043 arrived broken, they want $40 back"
    message = await hands.say(text, "agent", mention=False)
    await hands.shortcut(message, "lead")
    await hands.until(lambda: hands.memory.messages)
    heard = hands.memory.messages[0]
    assert heard.text == text
    assert heard.account.display_name == "Lee Park"
    assert heard.place.thread == message
    assert "Lee Park" in await hands.channel_text("finance")


@case("words.NOT_IN_TEAMS_HERE")
async def a_shortcut_where_the_bot_is_not_says_how_to_bring_it_there(hands: Hands) -> None:
    message = await hands.say("order 1043 arrived broken", "agent", "random", mention=False)
    await hands.shortcut(message, "lead")
    await hands.told("lead", "I am not in this ")
    assert hands.memory.messages == []


@case("words.NOTHING_TO_DO")
async def a_shortcut_on_what_the_bot_said_does_nothing(hands: Hands) -> None:
    from bot.cards.run_card import run_card

    message = await hands.show(run_card(STORIES["applied"]))
    await hands.shortcut(message, "lead")
    await hands.told("lead", words.NOTHING_TO_DO)
    assert hands.memory.messages == []
