"""Checks blocks as Slack does: every fault with a JSON pointer, in Slack's wording.

`check_blocks` is pure; it returns the faults, and the caller chooses the error's name.
"""

from collections.abc import Callable, Iterator

from bot.workspace import limits
from bot.workspace.elements import check_element, check_text
from bot.workspace.wire import Json

Faults = Iterator[str]

_INPUT_ELEMENTS = frozenset(
    {
        "plain_text_input", "number_input", "email_text_input", "url_text_input", "static_select",
        "multi_static_select", "users_select", "multi_users_select", "radio_buttons", "checkboxes",
        "datepicker", "timepicker",
    }
)  # fmt: skip
_ACTIONS_ELEMENTS = (_INPUT_ELEMENTS | {"button", "overflow"}) - {
    "plain_text_input", "number_input", "email_text_input", "url_text_input",
}  # fmt: skip
_ACCESSORIES = _ACTIONS_ELEMENTS | {"image"}


def fault(message: str, pointer: str) -> str:
    """A fault as Slack words it."""
    return f"{message} [json-pointer:{pointer}]"


def check_blocks(blocks: object, blocks_max: int, pointer: str = "/blocks") -> list[str]:
    """Every fault of a list of blocks; an empty list means Slack would take it."""
    if not isinstance(blocks, list):
        return [fault("must be an array", pointer)]
    faults = []
    if len(blocks) > blocks_max:
        faults.append(fault(f"no more than {blocks_max} items allowed", pointer))
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        faults.extend(_check_block(block, seen, f"{pointer}/{index}"))
    tables = sum(1 for block in blocks if isinstance(block, dict) and block.get("type") == "table")
    if tables > limits.TABLES_PER_MESSAGE:
        faults.append(fault("only one table allowed", pointer))
    markdown = sum(
        len(str(block.get("text", "")))
        for block in blocks
        if isinstance(block, dict) and block.get("type") == "markdown"
    )
    if markdown > limits.MARKDOWN_CHARACTERS_PER_MESSAGE:
        faults.append(fault("markdown text must be at most 12000 characters in all", pointer))
    return faults


def _check_block(block: object, seen: set[str], pointer: str) -> Faults:
    if not isinstance(block, dict):
        yield fault("must be an object", pointer)
        return
    check = _CHECKS.get(str(block.get("type")))
    if check is None:
        yield fault(f"unsupported type: {block.get('type')}", f"{pointer}/type")
        return
    block_id = block.get("block_id")
    if block_id is not None:
        if not isinstance(block_id, str) or not 0 < len(block_id) <= limits.BLOCK_ID_CHARACTERS:
            yield fault("must be a string of 1 to 255 characters", f"{pointer}/block_id")
        elif block_id in seen:
            yield fault(f"`block_id` {block_id} already exists", f"{pointer}/block_id")
        seen.add(str(block_id))
    yield from check(block, pointer)


def _header(block: Json, pointer: str) -> Faults:
    yield from check_text(
        block.get("text"), limits.HEADER_CHARACTERS, f"{pointer}/text", is_plain=True
    )


def _section(block: Json, pointer: str) -> Faults:
    fields = block.get("fields")
    if block.get("text") is None and not fields:
        yield fault("must provide text or fields", pointer)
    if block.get("text") is not None:
        yield from check_text(block["text"], limits.SECTION_CHARACTERS, f"{pointer}/text")
    if fields is not None:
        if not isinstance(fields, list) or not 0 < len(fields) <= limits.SECTION_FIELDS:
            yield fault("must hold 1 to 10 items", f"{pointer}/fields")
        else:
            for index, field in enumerate(fields):
                yield from check_text(
                    field, limits.SECTION_FIELD_CHARACTERS, f"{pointer}/fields/{index}"
                )
    if block.get("accessory") is not None:
        yield from check_element(block["accessory"], _ACCESSORIES, f"{pointer}/accessory")


def _context(block: Json, pointer: str) -> Faults:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 0 < len(elements) <= limits.CONTEXT_ELEMENTS:
        yield fault("must hold 1 to 10 items", f"{pointer}/elements")
        return
    for index, element in enumerate(elements):
        at = f"{pointer}/elements/{index}"
        if isinstance(element, dict) and element.get("type") == "image":
            yield from _image(element, at)
        else:
            yield from check_text(element, limits.SECTION_CHARACTERS, at)


def _actions(block: Json, pointer: str) -> Faults:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 0 < len(elements) <= limits.ACTIONS_ELEMENTS:
        yield fault("must hold 1 to 25 items", f"{pointer}/elements")
        return
    seen: set[str] = set()
    for index, element in enumerate(elements):
        at = f"{pointer}/elements/{index}"
        yield from check_element(element, _ACTIONS_ELEMENTS, at)
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(action_id, str):
            if action_id in seen:
                yield fault(f"`action_id` {action_id} already exists", f"{at}/action_id")
            seen.add(action_id)


def _input(block: Json, pointer: str) -> Faults:
    yield from check_text(
        block.get("label"), limits.INPUT_LABEL_CHARACTERS, f"{pointer}/label", is_plain=True
    )
    if block.get("hint") is not None:
        yield from check_text(
            block["hint"], limits.INPUT_HINT_CHARACTERS, f"{pointer}/hint", is_plain=True
        )
    yield from check_element(block.get("element"), _INPUT_ELEMENTS, f"{pointer}/element")


def _image(block: Json, pointer: str) -> Faults:
    url, alt = block.get("image_url"), block.get("alt_text")
    if not isinstance(url, str) or not 0 < len(url) <= limits.IMAGE_URL_CHARACTERS:
        yield fault("must be a string of 1 to 3000 characters", f"{pointer}/image_url")
    if not isinstance(alt, str) or not 0 < len(alt) <= limits.IMAGE_ALT_CHARACTERS:
        yield fault("must be a string of 1 to 2000 characters", f"{pointer}/alt_text")


def _markdown(block: Json, pointer: str) -> Faults:
    text = block.get("text")
    if not isinstance(text, str) or not text:
        yield fault("must be more than 0 characters", f"{pointer}/text")


def _rich_text(block: Json, pointer: str) -> Faults:
    elements = block.get("elements")
    known = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    if not isinstance(elements, list):
        yield fault("must be an array", f"{pointer}/elements")
        return
    for index, element in enumerate(elements):
        at = f"{pointer}/elements/{index}"
        if not isinstance(element, dict) or element.get("type") not in known:
            yield fault("unsupported rich text element", at)
        else:
            yield from _inside(element, at)


def _inside(part: Json, pointer: str) -> Faults:
    """The parts of rich text below a block or a table cell: objects in lists, all the way down."""
    inner = part.get("elements") or []
    if not isinstance(inner, list) or not all(isinstance(each, dict) for each in inner):
        yield fault("must be an array of objects", f"{pointer}/elements")
        return
    for index, each in enumerate(inner):
        yield from _inside(each, f"{pointer}/elements/{index}")


def _table(block: Json, pointer: str) -> Faults:
    rows = block.get("rows")
    if not isinstance(rows, list) or not 0 < len(rows) <= limits.TABLE_ROWS:
        yield fault("must hold 1 to 100 rows", f"{pointer}/rows")
        return
    characters = 0
    for index, row in enumerate(rows):
        at = f"{pointer}/rows/{index}"
        if not isinstance(row, list) or not 0 < len(row) <= limits.TABLE_COLUMNS:
            yield fault("must hold 1 to 20 cells", at)
            continue
        for cell_index, cell in enumerate(row):
            at_cell = f"{at}/{cell_index}"
            if not isinstance(cell, dict) or cell.get("type") not in ("raw_text", "rich_text"):
                yield fault("must be raw_text or rich_text", at_cell)
                continue
            yield from _inside(cell, at_cell)
            text = cell_text(cell)
            characters += len(text)
            if not text:
                yield fault("must be more than 0 characters", at_cell)
    if characters > limits.TABLE_CHARACTERS:
        yield fault("must be less than 10001 characters in all cells", f"{pointer}/rows")


def cell_text(cell: object) -> str:
    """The plain text of a table cell: raw_text, or the text inside rich_text."""
    if not isinstance(cell, dict):
        return ""
    if cell.get("type") == "raw_text":
        return str(cell.get("text") or "")
    parts = [str(cell.get("text") or "")]
    inner = cell.get("elements")
    parts.extend(cell_text(each) for each in (inner if isinstance(inner, list) else []))
    return "".join(parts)


_CHECKS: dict[str, Callable[[Json, str], Faults]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "table": _table,
    "divider": lambda _block, _pointer: iter(()),
}
