"""Checks interactive elements and text objects as Slack does."""

from collections.abc import Iterator

from bot.workspace import limits
from bot.workspace.wire import Json

# Whose options may be written in mrkdwn; those of menus are plain text.
_MARKED_OPTIONS = frozenset({"radio_buttons", "checkboxes"})
# How many options an element may hold; the least is 1.
_OPTIONS_MAX = {
    "static_select": limits.SELECT_OPTIONS,
    "multi_static_select": limits.SELECT_OPTIONS,
    "overflow": limits.OVERFLOW_OPTIONS,
    "radio_buttons": limits.CHOICE_OPTIONS,
    "checkboxes": limits.CHOICE_OPTIONS,
}
_STYLES = frozenset({"primary", "danger"})


def check_text(
    text: object, characters_max: int, pointer: str, *, is_plain: bool = False
) -> Iterator[str]:
    """A text object: its type, that it is not empty, and its length."""
    if not isinstance(text, dict):
        yield f"missing required field: text [json-pointer:{pointer}]"
        return
    allowed = {"plain_text"} if is_plain else {"plain_text", "mrkdwn"}
    if text.get("type") not in allowed:
        yield f"must be {' or '.join(sorted(allowed))} [json-pointer:{pointer}/type]"
    value = text.get("text")
    if not isinstance(value, str) or not value:
        yield f"must be more than 0 characters [json-pointer:{pointer}/text]"
    elif len(value) > characters_max:
        yield f"must be less than {characters_max + 1} characters [json-pointer:{pointer}/text]"


def check_element(element: object, allowed: frozenset[str], pointer: str) -> Iterator[str]:
    """An element inside a block that allows the types in `allowed`."""
    kind = element.get("type") if isinstance(element, dict) else None
    if not isinstance(element, dict) or kind not in allowed:
        yield f"unsupported element type: {kind} [json-pointer:{pointer}/type]"
        return
    if kind == "image":
        return
    action_id = element.get("action_id")
    if action_id is not None and (
        not isinstance(action_id, str) or not 0 < len(action_id) <= limits.ACTION_ID_CHARACTERS
    ):
        yield f"must be a string of 1 to 255 characters [json-pointer:{pointer}/action_id]"
    if element.get("confirm") is not None:
        yield from _check_confirm(element["confirm"], f"{pointer}/confirm")
    if element.get("placeholder") is not None:
        yield from check_text(
            element["placeholder"],
            limits.PLACEHOLDER_CHARACTERS,
            f"{pointer}/placeholder",
            is_plain=True,
        )
    if kind == "button":
        yield from _check_button(element, pointer)
    elif kind in _OPTIONS_MAX:
        yield from _check_options(element, _OPTIONS_MAX[str(kind)], pointer)
        if _are_options_well_formed(element):
            yield from _check_initial(element, pointer)
    elif kind == "plain_text_input":
        yield from _check_text_input(element, pointer)


def _check_button(element: Json, pointer: str) -> Iterator[str]:
    yield from check_text(
        element.get("text"), limits.BUTTON_TEXT_CHARACTERS, f"{pointer}/text", is_plain=True
    )
    value = element.get("value")
    if value is not None and (
        not isinstance(value, str) or len(value) > limits.BUTTON_VALUE_CHARACTERS
    ):
        yield f"must be less than 2001 characters [json-pointer:{pointer}/value]"
    if element.get("style") is not None and element["style"] not in _STYLES:
        yield f"must be primary or danger [json-pointer:{pointer}/style]"
    url = element.get("url")
    if url is not None and (not isinstance(url, str) or len(url) > limits.URL_CHARACTERS):
        yield f"must be less than 3001 characters [json-pointer:{pointer}/url]"


def _check_confirm(confirm: object, pointer: str) -> Iterator[str]:
    if not isinstance(confirm, dict):
        yield f"must be an object [json-pointer:{pointer}]"
        return
    sizes = {
        "title": limits.CONFIRM_TITLE_CHARACTERS,
        "text": limits.CONFIRM_TEXT_CHARACTERS,
        "confirm": limits.CONFIRM_BUTTON_CHARACTERS,
        "deny": limits.CONFIRM_BUTTON_CHARACTERS,
    }
    for name, size in sizes.items():
        if confirm.get(name) is not None:
            yield from check_text(confirm[name], size, f"{pointer}/{name}", is_plain=name != "text")


def _check_options(element: Json, options_max: int, pointer: str) -> Iterator[str]:
    if not _are_options_well_formed(element):
        yield f"must be an array of objects [json-pointer:{pointer}/options]"
        return
    found = options_of(element)
    if not 0 < len(found) <= options_max:
        yield f"must hold 1 to {options_max} options [json-pointer:{pointer}/options]"
    for index, option in enumerate(found):
        at = f"{pointer}/options/{index}"
        is_plain = element.get("type") not in _MARKED_OPTIONS
        size = limits.OPTION_TEXT_CHARACTERS
        yield from check_text(option.get("text"), size, f"{at}/text", is_plain=is_plain)
        value = option.get("value")
        if not isinstance(value, str) or not 0 < len(value) <= limits.OPTION_VALUE_CHARACTERS:
            yield f"must be a string of 1 to 150 characters [json-pointer:{at}/value]"
        if option.get("description") is not None:
            yield from check_text(
                option["description"], limits.OPTION_DESCRIPTION_CHARACTERS, f"{at}/description"
            )


def _check_initial(element: Json, pointer: str) -> Iterator[str]:
    """What is chosen at first must be one of the options, word for word, and not an empty list."""
    offered = options_of(element)
    first = element.get("initial_option")
    if first is not None and first not in offered:
        yield f"initial_option must be one of the options [json-pointer:{pointer}/initial_option]"
    several = element.get("initial_options")
    if several is None:
        return
    at = f"{pointer}/initial_options"
    if not isinstance(several, list) or not several:
        yield f"no less than 1 items allowed [json-pointer:{at}]"
    elif any(option not in offered for option in several):
        yield f"initial_options must be among the options [json-pointer:{at}]"


def _check_text_input(element: Json, pointer: str) -> Iterator[str]:
    for name in ("min_length", "max_length"):
        size = element.get(name)
        if size is not None and (
            not isinstance(size, int) or not 0 <= size <= limits.TEXT_INPUT_CHARACTERS
        ):
            yield f"must be a number from 0 to 3000 [json-pointer:{pointer}/{name}]"
    initial = element.get("initial_value")
    if initial is not None and (
        not isinstance(initial, str) or len(initial) > limits.TEXT_INPUT_CHARACTERS
    ):
        yield f"must be less than 3001 characters [json-pointer:{pointer}/initial_value]"


def _are_options_well_formed(element: Json) -> bool:
    groups = element.get("option_groups") or []
    lists = [element.get("options") or [], groups]
    if isinstance(groups, list) and all(isinstance(group, dict) for group in groups):
        lists.extend(group.get("options") for group in groups)
        if any(not isinstance(group.get("label"), dict) for group in groups):
            return False
    return all(
        isinstance(each, list) and all(isinstance(item, dict) for item in each) for each in lists
    )


def options_of(element: Json) -> list[Json]:
    """The options of an element, those inside option groups too."""
    options = [option for option in element.get("options") or [] if isinstance(option, dict)]
    for group in element.get("option_groups") or []:
        if isinstance(group, dict):
            options.extend(o for o in group.get("options") or [] if isinstance(o, dict))
    return options
