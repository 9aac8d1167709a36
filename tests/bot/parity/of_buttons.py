"""Every button: what reaches the flow, with whom at that moment, and what the person is told."""

from __future__ import annotations

from bot.cards import press
from bot.cards.model import Action
from bot.cards.run_card import run_card
from bot.incoming import Click, Reply, Verb
from bot.surfaces import words
from bot.view import Stance
from tests.bot.cards.one_refund import PROPOSAL
from tests.bot.cards.stories import STORIES
from tests.bot.parity.case import Case, cases_of
from tests.bot.parity.hands import Hands

CASES, case = cases_of()
RUN = "R-20391"


async def card_of(hands: Hands, story: str = "waiting_1_of_2") -> str:
    """The card of a story in the channel, and the run behind it."""
    hands.memory.shown[RUN] = STORIES[story]
    return await hands.show(run_card(STORIES[story]))


async def clicked(hands: Hands, count: int = 1) -> Click:
    """The newest click, once so many were recorded."""
    await hands.until(lambda: len(hands.memory.clicks) >= count)
    assert len(hands.memory.clicks) == count
    return hands.memory.clicks[-1]


# Buttons that are a verdict by themselves: the story they stand on, their label, what they do.
VERDICTS = (
    (Action.APPROVE, "waiting_1_of_2", "Approve", Verb.APPROVE),
    (Action.WITHDRAW, "waiting_1_of_2", "Take back my approval", Verb.WITHDRAW),
    (Action.CANCEL, "waiting_1_of_2", "Cancel the request", Verb.CANCEL),
    (Action.CANCEL, "running", "Cancel", Verb.CANCEL),
    (Action.HAPPENED, "unknown", "It happened", Verb.HAPPENED),
    (Action.DID_NOT, "unknown", "It did not", Verb.DID_NOT),
    (Action.ASK_AGAIN, "unknown", "Ask the system again", Verb.ASK_AGAIN),
    (Action.HAPPENED, "stuck", "It is put right by hand", Verb.HAPPENED),
    (Action.ASK_AGAIN, "stuck", "Try again", Verb.ASK_AGAIN),
)


def _verdict(action: Action, story: str, label: str, verb: Verb) -> Case:
    async def do(hands: Hands) -> None:
        message = await card_of(hands, story)
        button = next(b for b in run_card(STORIES[story]).buttons if b.action is action)
        await hands.press(button.label, "lead", message)
        click = await clicked(hands)
        assert (click.verb, click.run_id) == (verb, RUN)
        assert press.read(button.value) == press.Press(RUN, click.digest, click.text)
        assert click.message == message
        assert click.person is not None
        assert click.person.name == "Lee Park"

    name = f"pressed: {label} ({story})"
    return Case(name, do, frozenset({action, verb, "press"}))


CASES += [_verdict(*each) for each in VERDICTS]


@case(Action.APPROVE, Verb.APPROVE, "press")
async def an_approval_names_run_digest_person_and_the_roles_held_now(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Approve", "lead", message)
    click = await clicked(hands)
    assert (click.run_id, click.digest) == (RUN, PROPOSAL.digest)
    assert click.person is not None
    assert (click.person.name, click.person.roles) == ("Lee Park", ("support", "support-lead"))
    assert click.account.refusal is None
    assert click.place.channel


@case(Action.ANSWER, Verb.ANSWER)
async def a_choice_names_the_slot_that_it_answers(hands: Hands) -> None:
    message = await card_of(hands, "asking_with_choices")
    await hands.press("1077 (Nov 19, $131.50)", "agent", message)
    click = await clicked(hands)
    assert (click.verb, click.digest, click.text) == (Verb.ANSWER, "order", "1077")


@case(Action.DETAILS, "view")
async def details_open_and_their_pages_turn(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Details", "lead", message)
    first = await hands.window("lead", "Plan digest")
    assert PROPOSAL.digest in first.text
    assert "page 1 of 3" in first.text
    turn = next(label for label in first.buttons if "Next" in label)
    await hands.press_window(turn, "lead")
    assert "payment pay_7731" in (await hands.window("lead", "page 2 of 3")).text
    assert hands.memory.clicks == []


@case("press")
async def a_refusal_of_a_press_is_told_to_who_pressed_alone(hands: Hands) -> None:
    message = await card_of(hands)
    hands.memory.reply = Reply("You asked for this: somebody else decides.", is_refusal=True)
    await hands.press("Approve", "agent", message)
    await hands.told("agent", "You asked for this: somebody else decides.")
    assert not await hands.overhears("lead", "You asked for this")


@case("press")
async def a_reply_to_a_press_is_told_to_who_pressed(hands: Hands) -> None:
    message = await card_of(hands)
    hands.memory.reply = Reply("Your approval is on the card already.")
    await hands.press("Approve", "lead", message)
    await hands.told("lead", "Your approval is on the card already.")
    assert not await hands.overhears("finance", "on the card already")


@case("words.STORE_AWAY")
async def a_press_that_could_not_be_recorded_says_so(hands: Hands) -> None:
    message = await card_of(hands)
    hands.memory.failing = RuntimeError("the store is away")
    await hands.press("Approve", "lead", message)
    await hands.told("lead", words.STORE_AWAY)


@case("words.NOT_READ")
async def details_that_cannot_be_read_say_so(hands: Hands) -> None:
    message = await card_of(hands)

    def view(run_id: str) -> None:
        raise RuntimeError("the store is away")

    hands.memory.view = view  # type: ignore[method-assign,assignment]
    await hands.press("Details", "lead", message)
    await hands.window("lead", words.NOT_READ)


@case("words.NOT_OPENED", is_slow=True)
async def a_window_that_does_not_open_in_time_says_so(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.hinder_windows()
    await hands.press("Details", "lead", message)
    await hands.told("lead", words.NOT_OPENED)


@case("words.no_run")
async def details_of_a_run_that_is_gone_say_so(hands: Hands) -> None:
    message = await card_of(hands)
    hands.memory.shown.clear()
    await hands.press("Details", "lead", message)
    await hands.window("lead", words.no_run(RUN))


@case("words.not_for_you")
async def a_guest_is_not_shown_details(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Details", "guest", message)
    refusal = "guest accounts cannot ask or approve"
    await hands.window("guest", words.not_for_you(refusal))


@case("press")
async def a_guest_presses_without_any_role(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Approve", "guest", message)
    click = await clicked(hands)
    assert click.account.refusal == "guest accounts cannot ask or approve"
    assert click.person is None or click.person.roles == ()


@case("press")
async def a_stranger_presses_without_any_role(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Approve", "stranger", message)
    click = await clicked(hands)
    assert click.account.refusal == "this account belongs to another organisation"
    assert click.person is None or click.person.roles == ()


@case("press")
async def who_became_a_guest_presses_without_any_role(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.make("lead", "guest")
    await hands.press("Approve", "lead", message)
    click = await clicked(hands)
    assert click.account.refusal == "guest accounts cannot ask or approve"
    assert click.person is None or click.person.roles == ()


@case("press")
async def who_was_deactivated_presses_without_any_role(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.make("lead", "deactivated")
    await hands.press("Approve", "lead", message)
    click = await clicked(hands)
    assert click.person is None or click.person.roles == ()
    assert click.account.refusal is not None


@case("press")
async def a_role_taken_away_does_not_count_a_moment_later(hands: Hands) -> None:
    message = await card_of(hands)
    await hands.press("Approve", "lead", message)
    await clicked(hands)
    await hands.take_role("lead")
    await hands.press("Approve", "lead", message)
    click = await clicked(hands, 2)
    assert click.person is not None
    assert "support-lead" not in click.person.roles


@case("press")
async def nobody_is_believed_while_the_directory_is_away(hands: Hands) -> None:
    message = await card_of(hands)
    hands.memory.reply = Reply("I cannot check your role right now.", is_refusal=True)
    await hands.lose_directory()
    await hands.press("Approve", "lead", message)
    assert (await clicked(hands)).person is None
    await hands.told("lead", "I cannot check your role right now.")


@case("press")
async def the_same_press_delivered_twice_is_two_clicks_of_one_digest(hands: Hands) -> None:
    """A double click is for the flow to count once: both name the same person and digest."""
    message = await card_of(hands)
    await hands.press_twice("Approve", "lead", message)
    await hands.until(lambda: len(hands.memory.clicks) == 2)
    assert len({(c.run_id, c.digest, c.account) for c in hands.memory.clicks}) == 1


@case("press", is_slow=True)
async def a_press_that_takes_long_counts_once_and_its_reply_arrives(hands: Hands) -> None:
    message = await card_of(hands)
    hands.memory.delay_seconds = 3.0
    hands.memory.reply = Reply("That took a while.")
    await hands.press("Approve", "lead", message)
    await clicked(hands)
    await hands.told("lead", "That took a while.")
    assert len(hands.memory.clicks) == 1


@case("words.UNKNOWN_BUTTON")
async def a_forged_value_does_nothing(hands: Hands) -> None:
    message = await card_of(hands)
    for forged in ("nonsense here", "", "R-20391", "R 1:zz", "x" * 1_900):
        await hands.forge(message, "Approve", forged, "lead")
    await hands.told("lead", words.UNKNOWN_BUTTON)
    assert hands.memory.clicks == []


@case("press")
async def a_value_of_another_plan_is_handed_on_as_it_is(hands: Hands) -> None:
    """Whether a digest is still the one is the flow's to say, and it says no."""
    message = await card_of(hands)
    hands.memory.reply = Reply("The plan changed since that card was drawn.", is_refusal=True)
    await hands.forge(message, "Approve", f"{RUN}:{'ab' * 32}", "lead")
    assert (await clicked(hands)).digest == "ab" * 32
    await hands.told("lead", "The plan changed since that card was drawn.")


@case(Stance.ONLOOKER, "stance")
async def a_view_without_a_button_takes_nothing_away_and_grants_nothing(hands: Hands) -> None:
    message = await card_of(hands)
    hands.memory.default_stance = Stance.ONLOOKER
    await hands.look(message, "agent")
    hands.memory.default_stance = Stance.MAY_APPROVE
    await hands.press("Approve", "agent", message)
    click = await clicked(hands)
    assert click.person is not None
    assert click.person.roles == ("support",)
