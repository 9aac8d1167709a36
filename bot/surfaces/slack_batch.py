"""The window in which several waiting runs are approved at once, and what came of each. Pure.

Its metadata holds the pairs of run and digest that it shows; what is submitted is those of them
whose line is still ticked, and each is pressed for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.cards import block_kit, mrkdwn, press
from bot.cards.batch import BATCH_NOTICE, BatchLine, Outcome, batch_card, batch_lines, outcome_lines
from bot.cards.block_kit import Block, plain_text
from bot.cards.fitting import units
from bot.cards.model import Words
from bot.surfaces import words
from bot.surfaces.slack_views import OPTION_UNITS_MAX, message, modal
from bot.view import RunView
from store.model.values import Json

BATCH = "batch"
INCLUDE = "include"  # the tick beside a line
METADATA_UNITS_MAX = 3_000  # docs.slack.dev: private_metadata
LINE_UNITS_MAX = 300  # one text of a line
_LINE_BLOCK = "run_"
_TICKED = "yes"


def batch_form(views: Sequence[RunView], now: datetime) -> Block:
    """One line a run, each ticked, and one button that says how many there are."""
    lines = _carried(batch_lines(views))
    if not lines:
        return message(words.TOGETHER, words.NOTHING_TOGETHER)
    head = batch_card(views, now)
    blocks = block_kit.sections([mrkdwn.strong(head.title, 150), mrkdwn.escape(BATCH_NOTICE, 300)])
    blocks += [_block(number, line) for number, line in enumerate(lines)]
    if len(lines) < len(views):
        blocks += block_kit.context([words.more_afterwards(len(views) - len(lines))])
    submit = words.approve_ticked(len(lines), len(lines))
    return modal(BATCH, words.TOGETHER, blocks, submit=submit, metadata=_metadata(lines))


def recounted(view: Json) -> Block | None:
    """The open window with a button that says how many are ticked now; None where it did so."""
    metadata = str(view.get("private_metadata") or "")
    values = (view.get("state") or {}).get("values")
    submit = words.approve_ticked(len(ticked(metadata, values)), len(metadata.split(",")))
    if (view.get("submit") or {}).get("text") == submit:
        return None
    blocks = [_kept(block, values) for block in view.get("blocks") or []]
    return modal(BATCH, words.TOGETHER, blocks, submit=submit, metadata=metadata)


def _kept(block: Block, values: Json) -> Block:
    """A block as it stands, its tick as the person left it whatever Slack makes of an update."""
    accessory = block.get("accessory")
    if not isinstance(accessory, dict) or accessory.get("action_id") != INCLUDE:
        return block
    kept = {name: value for name, value in accessory.items() if name != "initial_options"}
    if _is_ticked(values, str(block.get("block_id"))):
        kept["initial_options"] = kept["options"]
    return {**block, "accessory": kept}


def ticked(metadata: str, values: Json) -> tuple[press.Press, ...]:
    """The runs and digests that the window showed and whose line is ticked."""
    pairs = enumerate(metadata.split(","))
    return tuple(
        pressed
        for number, pair in pairs
        if (pressed := press.read(pair)) is not None
        and _is_ticked(values, f"{_LINE_BLOCK}{number}")
    )


def _is_ticked(values: Json, block_id: str) -> bool:
    block = values.get(block_id) if isinstance(values, dict) else None
    state = block.get(INCLUDE) if isinstance(block, dict) else None
    return bool(state.get("selected_options")) if isinstance(state, dict) else False


def outcome(outcomes: Sequence[Outcome]) -> Block:
    """What counted and what did not, line by line."""
    head = mrkdwn.strong(words.recorded(outcomes), 100)
    said = [_line(said) for said in outcome_lines(outcomes)]
    return modal("batch_outcome", words.TOGETHER, block_kit.sections([head, *said]))


def _carried(lines: Sequence[BatchLine]) -> tuple[BatchLine, ...]:
    """As many lines as the metadata has room for."""
    kept = tuple(lines)
    while units(_metadata(kept)) > METADATA_UNITS_MAX:
        kept = kept[:-1]
    return kept


def _metadata(lines: Sequence[BatchLine]) -> str:
    return ",".join(press.write(press.Press(line.run_id, line.digest)) for line in lines)


def _block(number: int, line: BatchLine) -> Block:
    section = block_kit.sections([_line(said) for said in line.said])[0]
    option: Block = {"text": plain_text("Approve", OPTION_UNITS_MAX), "value": _TICKED}
    return {
        **section,
        "block_id": f"{_LINE_BLOCK}{number}",
        "accessory": {
            "type": "checkboxes",
            "action_id": INCLUDE,
            "options": [option],
            "initial_options": [option],
        },
    }


def _line(said: Words) -> str:
    return mrkdwn.words(said, LINE_UNITS_MAX)
