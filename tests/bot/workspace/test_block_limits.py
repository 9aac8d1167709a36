"""Every limit of Block Kit at its edge: the last value that fits passes, the next is named."""

import pytest

from bot.workspace import limits
from bot.workspace.blocks import check_blocks


def plain(text="x"):
    return {"type": "plain_text", "text": text}


def mrkdwn(text="x"):
    return {"type": "mrkdwn", "text": text}


def button(**more):
    return {"type": "button", "action_id": "a", "text": plain(), **more}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def option(text="t", value="v"):
    return {"text": plain(text), "value": value}


def select(options, kind="static_select"):
    return actions({"type": kind, "action_id": "s", "options": options})


def first(chosen, kind):
    """An element with what is chosen at first."""
    name = "initial_options" if isinstance(chosen, list) else "initial_option"
    return actions({"type": kind, "action_id": "s", "options": [option()], name: chosen})


def table(rows, columns, text="x"):
    cell = {"type": "raw_text", "text": text}
    return {"type": "table", "rows": [[cell] * columns for _ in range(rows)]}


EDGES = [
    ("header", lambda n: {"type": "header", "text": plain("x" * n)}, 150),
    ("section", lambda n: {"type": "section", "text": mrkdwn("x" * n)}, 3000),
    ("fields", lambda n: {"type": "section", "fields": [mrkdwn()] * n}, 10),
    ("field", lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}, 2000),
    ("context", lambda n: {"type": "context", "elements": [mrkdwn()] * n}, 10),
    ("actions", lambda n: actions(*[button(action_id=f"a{i}") for i in range(n)]), 25),
    ("button text", lambda n: actions(button(text=plain("x" * n))), 75),
    ("button value", lambda n: actions(button(value="x" * n)), 2000),
    ("action_id", lambda n: actions(button(action_id="x" * n)), 255),
    ("block_id", lambda n: {"type": "divider", "block_id": "x" * n}, 255),
    ("confirm title", lambda n: actions(button(confirm={"title": plain("x" * n)})), 100),
    ("confirm text", lambda n: actions(button(confirm={"text": mrkdwn("x" * n)})), 300),
    ("options", lambda n: select([option()] * n), 100),
    ("overflow", lambda n: select([option()] * n, "overflow"), 5),
    ("option text", lambda n: select([option("x" * n)]), 75),
    ("option value", lambda n: select([option(value="x" * n)]), 150),
    ("markdown", lambda n: {"type": "markdown", "text": "x" * n}, 12_000),
    ("table rows", lambda n: table(n, 1), 100),
    ("table columns", lambda n: table(1, n), 20),
    ("table text", lambda n: table(1, 1, "x" * n), 10_000),
]


@pytest.mark.parametrize(("name", "make", "most"), EDGES, ids=[edge[0] for edge in EDGES])
def test_the_last_that_fits_passes_and_the_next_is_named(name, make, most):
    assert check_blocks([make(most)], limits.BLOCKS_PER_MESSAGE) == []
    faults = check_blocks([make(most + 1)], limits.BLOCKS_PER_MESSAGE)
    assert len(faults) >= 1
    assert all("[json-pointer:/blocks" in fault for fault in faults)


def test_what_is_chosen_at_first_is_one_of_the_options():
    good = [first(option(), "static_select"), first([option()], "checkboxes")]
    assert check_blocks(good, limits.BLOCKS_PER_MESSAGE) == []


def test_fifty_blocks_fit_and_fifty_one_do_not():
    assert check_blocks([{"type": "divider"}] * 50, 50) == []
    assert check_blocks([{"type": "divider"}] * 51, 50) == [
        "no more than 50 items allowed [json-pointer:/blocks]"
    ]


@pytest.mark.parametrize(
    "blocks",
    [
        {"type": "divider"},
        ["divider"],
        [{"type": "video"}],
        [{"type": "section"}],
        [{"type": "section", "text": "bare"}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "actions", "elements": []}],
        [{"type": "actions", "elements": [{"type": "plain_text_input", "action_id": "a"}]}],
        [{"type": "actions", "elements": ["button"]}],
        [actions(button(), button())],
        [actions(button(style="blue"))],
        [{"type": "divider", "block_id": "same"}, {"type": "divider", "block_id": "same"}],
        [table(1, 1), table(1, 1)],
        [table(1, 1, "")],
        [{"type": "table", "rows": ["x"]}],
        [{"type": "context", "elements": [None]}],
        [{"type": "rich_text", "elements": [{"type": "text"}]}],
        [{"type": "image", "image_url": "https://x.example/a.png"}],
        [{"type": "input", "label": plain()}],
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": 7}]}],
        [{"type": "table", "rows": [[{"type": "rich_text", "elements": ["x"]}]]}],
        [{"type": "table", "rows": [["bare"]]}],
        [select([None])],
        [select("ab")],
        [actions({"type": "static_select", "action_id": "s", "option_groups": [{"options": 1}]})],
        [select([{**option(), "text": mrkdwn("t")}])],
        [first(option("t", "other"), kind="static_select")],
        [first([option("t", "other")], kind="checkboxes")],
        [first([], kind="checkboxes")],
        None,
        7,
    ],
)
def test_malformed_blocks_are_faults_and_never_exceptions(blocks):
    assert check_blocks(blocks, 50)
