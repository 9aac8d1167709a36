"""What Teams would show: the check of Adaptive Cards, its parts, and a card as text."""

import copy
import json
import re
from pathlib import Path

import adaptive_cards
import pytest

from bot.workspace.teams import card_parts, card_schema, limits
from bot.workspace.teams.card_check import check_card
from bot.workspace.teams.text import card_text, holds, plain
from bot.workspace.wire import Refused
from tests.bot.workspace.teams_bot import REASON_CARD, run_card

PUBLISHED = json.loads(
    (Path(adaptive_cards.__file__).parent / "schemas" / "schema-1.5.json").read_text()
)["definitions"]
OURS = {
    **card_schema.ELEMENTS,
    **card_schema.ACTIONS,
    "AdaptiveCard": card_schema.CARD,
    "Column": card_schema.COLUMN,
    "TableCell": card_schema.CELL,
    "TableRow": card_schema.ROW,
    "Fact": card_schema.FACT,
    "Input.Choice": card_schema.CHOICE,
    "Refresh": card_schema.REFRESH,
}
# `msteams` is Teams' own; a column's height is inherited in the published schema.
MORE = {"AdaptiveCard": {"msteams"}, "Column": {"height"}}


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_properties_are_those_of_the_published_schema(name):
    published = {each.rstrip("?") for each in PUBLISHED[name]["properties"]}
    assert set(OURS[name]) - MORE.get(name, set()) == published
    required = {
        each for each, kind in OURS[name].items() if isinstance(kind, str) and kind.endswith("!")
    }
    assert set(PUBLISHED[name].get("required", [])) <= required


def test_every_element_and_action_of_the_published_schema_is_known():
    for place, ours in (("Element", card_schema.ELEMENTS), ("Action", card_schema.ACTIONS)):
        listed = json.dumps(PUBLISHED[f"ImplementationsOf.{place}"])
        published = set(re.findall(r"#/definitions/([A-Za-z.]+)", listed))
        assert {each for each in published if not each.startswith("Extendable")} == set(ours)


@pytest.mark.parametrize("card", [run_card(user_ids=("29:a",)), REASON_CARD])
def test_a_card_of_assents_kind_is_shown(card):
    assert check_card(card) == []


def text(words="x", **more):
    return {"type": "TextBlock", "text": words, **more}


def card(*body, **more):
    return {"type": "AdaptiveCard", "version": "1.5", "body": list(body), **more}


def execute(**more):
    return {"type": "Action.Execute", "title": "x", "verb": "v", **more}


def nested(depth):
    inner = text()
    for _ in range(depth):
        inner = {"type": "Container", "items": [inner]}
    return card(inner)


FIELD = {"type": "Input.Text", "id": "a"}


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (None, "must be an object"),
        ([], "must be an object"),
        ({}, "must be an AdaptiveCard"),
        ({"type": "AdaptiveCard", "body": []}, "/version: is missing"),
        ({**card(), "version": "1.6"}, "up to 1.5"),
        (card({"type": "Carousel"}), "/body/0: 'Carousel' is no element"),
        (card({"type": ["TextBlock"]}), "is no element"),
        (card("x"), "is no element"),
        (card({"type": "TextBlock"}), "/body/0/text: is missing"),
        (card(text(5)), "/body/0/text: must be text"),
        (card(text(colour="red")), "/body/0/colour: is no property of TextBlock"),
        (card(text(size="huge")), "it is one of small, default"),
        (card(text(wrap="yes")), "must be true or false"),
        (card(FIELD, FIELD), "'a' is the id of another input"),
        (card({"type": "Input.Text"}), "/body/0/id: is missing"),
        (card({"type": "Input.ChoiceSet", "id": "a"}), "choices: is missing"),
        (card({"type": "FactSet", "facts": [{"title": "x"}]}), "/facts/0/value: is missing"),
        (card({"type": "ActionSet", "actions": [{"type": "Action.Http"}]}), "is no action"),
        (card(actions=[execute(verb=5)]), "/actions/0/verb: must be text"),
        (card(actions=[{"type": "Action.OpenUrl", "url": "javascript:x"}]), "a web address"),
        (card({"type": "Image", "url": "file:///etc/passwd"}), "a web address"),
        (card(actions="x"), "/actions: must be a list"),
        (card(refresh={"action": {"type": "Action.Submit"}}), "must be an Action.Execute"),
        (card(refresh={"action": execute(), "userIds": ["x"] * 61}), "at most 60"),
        (card(refresh={"action": execute(), "userIds": "x"}), "a list of users' ids"),
        (card(text("x" * limits.CARD_BYTES)), "at most 102,400 fit"),
        (nested(limits.CARD_DEPTH), "nested too deeply"),
        (card(*[text()] * limits.CARD_ELEMENTS), "too many elements"),
        (card(actions=[execute(fallback={"type": "Action.Nope"})]), "is no action"),
        (card({"type": "RichTextBlock", "inlines": [{"type": "Run"}]}), "text or a TextRun"),
        (card({"type": "ColumnSet", "columns": [{"type": "Cell"}]}), "must be a Column"),
        (card(actions=[{"type": "Action.ShowCard", "card": {"type": "x"}}]), "an AdaptiveCard"),
    ],
)
def test_what_teams_would_not_show_is_named_with_its_place(broken, fault):
    assert fault in "; ".join(check_card(broken))


def test_a_fallback_may_repeat_the_ids_of_what_it_stands_for():
    assert check_card(card({**FIELD, "fallback": FIELD})) == []


def test_the_inputs_of_a_show_card_go_with_its_own_button_alone():
    inner = card(FIELD, actions=[execute()])
    shown = card(
        {"type": "Input.Text", "id": "outer"},
        actions=[{"type": "Action.ShowCard", "title": "more", "card": inner}, execute()],
    )
    assert check_card(shown) == []
    placed = {each.at: [i["id"] for i in each.inputs] for each in card_parts.actions_of(shown)}
    assert placed == {
        "/actions/0": ["outer"],
        "/actions/0/card/actions/0": ["outer", "a"],
        "/actions/1": ["outer"],
    }


def test_buttons_inside_of_containers_are_found_by_their_place():
    row = {"type": "ActionSet", "actions": [execute()]}
    shown = card(
        {"type": "Container", "items": [text(), row], "selectAction": execute(id="s")},
        {"type": "ColumnSet", "columns": [{"items": [row]}]},
    )
    assert [each.at for each in card_parts.actions_of(shown)] == [
        "/body/0/selectAction",
        "/body/0/items/1/actions/0",
        "/body/1/columns/0/items/0/actions/0",
    ]


def test_a_switched_off_button_cannot_be_pressed():
    with pytest.raises(Refused, match="switched off"):
        card_parts.action_at(card(actions=[execute(isEnabled=False)]), "/actions/0")


def test_inputs_without_an_answer_are_not_sent():
    placed = card_parts.action_at(REASON_CARD, "/actions/0")
    assert card_parts.submitted(placed, {"reason": "x", "tell": "false"}) == {
        "reason": "x",
        "tell": "false",
    }
    unbound = copy.deepcopy(REASON_CARD)
    unbound["actions"][0]["associatedInputs"] = "None"
    assert card_parts.submitted(card_parts.action_at(unbound, "/actions/0"), {}) == {}


def test_a_field_that_nobody_touched_keeps_what_stood_in_it():
    shown = card({**FIELD, "value": "before"}, actions=[execute()])
    placed = card_parts.action_at(shown, "/actions/0")
    assert card_parts.submitted(placed, {}) == {"a": "before"}
    assert card_parts.submitted(placed, {"a": ""}) == {}


def test_a_card_reads_from_top_to_bottom():
    shown = card(
        text("**Refund** order\\_1043 [here](https://x.example)"),
        text("hidden", isVisible=False),
        {"type": "FactSet", "facts": [{"title": "run", "value": "R-1"}]},
        {
            "type": "RichTextBlock",
            "inlines": [{"type": "TextRun", "text": "0", "strikethrough": True}, " -> 40"],
        },
        {"type": "ColumnSet", "columns": [{"items": [text("a")]}, {"items": [text("b")]}]},
        {"type": "Container", "items": [text("inside")]},
        *REASON_CARD["body"],
        actions=[execute()],
    )
    assert card_text(shown).split("\n") == [
        "Refund order_1043 here (https://x.example)",
        "run: R-1",
        "~0~ -> 40",
        "a   b",
        "inside",
        "Reason: [...]",
        "Kind: ( ) Too late  ( ) Too much",
        "[x] Tell them",
        "[x]",
    ]
    assert plain(r"\*not bold\*") == "*not bold*"


def test_a_run_is_not_found_in_a_longer_ones_name():
    assert holds("run R-1, asked", "R-1")
    assert not holds("run R-12", "R-1")
    assert not holds("XR-1", "R-1")
