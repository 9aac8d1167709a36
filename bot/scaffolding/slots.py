"""The slots of a new workflow, read off an operation's parameters: what must be asked, and how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from bot.errors import CommandError
from connectors.money import format_money
from connectors.operation import Finder, Operation, Value
from connectors.text import Identifier
from policies.spelling import VALUE

TEXT_CHARACTERS_MAX = 500  # of a text slot where the operation itself takes more
TEXT_SAID = "as agreed"  # in examples, where the sample's text is none that one would type
IDENTIFIER = TypeAdapter(Identifier).json_schema()["pattern"]
_TYPED = re.compile(r"[\w/@-][\w./@-]*(?<!\.)( [\w./@-]+(?<!\.))*")
_PLURALS = {"people": "person"}


@dataclass(frozen=True)
class Slot:
    """One slot: its declaration as YAML has it, and what is said for it in examples, "" where
    nothing is known that would be found. `is_labelled`: said behind its name and a colon."""

    name: str
    declared: Mapping[str, Value]
    said: str = ""
    is_labelled: bool = False

    @property
    def is_record(self) -> bool:
        return str(self.declared["type"]) == "record"


@dataclass(frozen=True)
class Filling:
    """What fills an operation: the slots to ask, in order, and each parameter as a template."""

    slots: tuple[Slot, ...]
    templates: Mapping[str, str | int | bool]
    remarks: tuple[str, ...] = field(default=())


def filling(
    operation: Operation[Any],
    finders: Iterable[Finder],
    sample: Mapping[str, Value],
    found: Mapping[str, str],
) -> Filling:
    """Slots and templates for the parameters that must be given; optional ones are left out.

    `sample` are parameters that work in the connector's test world, `found` the words by which each
    finder finds one record there; both empty where there is none. Raises CommandError where a
    parameter cannot be asked for.
    """
    schema = operation.params.model_json_schema()
    required = schema.get("required", [])
    known = tuple(finders)
    slots: dict[str, Slot] = {}
    templates: dict[str, str | int | bool] = {}
    remarks: list[str] = []
    texts = [n for n in required if _is_text(n, schema["properties"][n], known)]
    for name in required:
        said = schema["properties"][name]
        if _is_money(said):
            continue
        if owner := _owner(name, said, known):
            noun = noun_of(owner)
            own = str(sample.get(name, "")) if name == noun else ""
            here = own if own.isdigit() else found.get(owner.name, "")
            slots.setdefault(noun, _record(noun, owner, here))
            templates[name] = f"{{{noun}}}" if name == noun else f"{{{noun}.{name}}}"
        elif said.get("type") == "boolean":
            templates[name] = sample.get(name, True)
            remarks.append(f"{name} is {templates[name]} in every plan; set what it should be")
        elif said.get("type") == "integer":
            slots[name] = _number(name, sample)
            templates[name] = f"{{{name}}}"
        else:
            slots[name] = _other(name, said, sample, is_one_of_many=len(texts) > 1)
            templates[name] = f"{{{name}}}"
    for name in (n for n in required if _is_money(schema["properties"][n])):
        slots[name], remark = _money(name, slots, known, sample, operation.name)
        templates[name] = f"{{{name}}}"
        remarks.append(remark)
    ordered = {name: templates[name] for name in required}
    return Filling(tuple(slots.values()), ordered, tuple(remarks))


def noun_of(finder: Finder) -> str:
    """What a finder finds, in the singular: "orders.find" an order."""
    first, _, second = finder.name.partition(".")
    plural = second.removeprefix("find").strip("_") or first
    return _PLURALS.get(plural) or re.sub(r"ies$", "y", plural).removesuffix("s")


def _owner(name: str, said: Mapping[str, Value], finders: tuple[Finder, ...]) -> Finder | None:
    """The finder of the records that a parameter names: by its noun; else by a field of them, where
    the parameter is an identifier. Other fields of that name are what the operation changes."""
    if said.get("type") != "string" or "enum" in said:
        return None
    by_noun = (finder for finder in finders if noun_of(finder) == name)
    by_field = (finder for finder in finders if finder.field_types.get(name) == "string")
    is_identifier = said.get("pattern") == IDENTIFIER
    return next(by_noun, None) or (next(by_field, None) if is_identifier else None)


def _is_money(said: Mapping[str, Value]) -> bool:
    return str(said.get("$ref", "")).endswith("/Money")


def _is_text(name: str, said: Mapping[str, Value], finders: tuple[Finder, ...]) -> bool:
    is_string = said.get("type") == "string" and "enum" not in said
    return is_string and _owner(name, said, finders) is None


def _record(noun: str, finder: Finder, said: str) -> Slot:
    declared = {
        "type": "record",
        "finder": finder.name,
        "noun": noun.replace("_", " "),
        "ask": f"Which {_words(noun)}?",
    }
    return Slot(noun, declared, said)


def _other(
    name: str, said: Mapping[str, Value], sample: Mapping[str, Value], *, is_one_of_many: bool
) -> Slot:
    values = said.get("enum", [])
    is_choice = bool(values) and all(re.fullmatch(VALUE, str(each)) for each in values)
    if is_choice:
        choice = {"type": "choice", "ask": f"Which {_words(name)}?", "of": dict.fromkeys(values)}
        return Slot(name, choice, str(sample.get(name, values[0])))
    if said.get("type") != "string":
        raise CommandError(
            f"The parameter {name} is neither text, a choice, a record nor money, so no slot can"
            " ask for it; write the workflow by hand, as docs/how-to/workflow.md says."
        )
    characters = min(int(said.get("maxLength", TEXT_CHARACTERS_MAX)), TEXT_CHARACTERS_MAX)
    labels = {"words": [_words(name)]} if is_one_of_many else {}
    declared: dict[str, Value] = {
        "type": "text",
        "characters_max": characters,
        **labels,
        "ask": f"Which {_words(name)}?",
    }
    typed = str(sample.get(name, ""))
    words = typed if _TYPED.fullmatch(typed) else TEXT_SAID
    return Slot(name, declared, words, is_labelled=is_one_of_many)


def _number(name: str, sample: Mapping[str, Value]) -> Slot:
    """A whole number, said behind its name: a bare one may be anything's."""
    declared: dict[str, Value] = {
        "type": "text",
        "digits": "whole",
        "words": [_words(name)],
        "ask": f"Which {_words(name)}? (in digits)",
    }
    return Slot(name, declared, str(sample.get(name, 1)), is_labelled=True)


def _money(
    name: str,
    slots: Mapping[str, Slot],
    finders: tuple[Finder, ...],
    sample: Mapping[str, Value],
    operation: str,
) -> tuple[Slot, str]:
    """An amount, at most what a record of the plan has: "{order.refundable}"."""
    fields = [
        f"{slot.name}.{each}"
        for slot in slots.values()
        for finder in finders
        if slot.is_record and slot.declared["finder"] == finder.name
        for each, kind in finder.field_types.items()
        if kind == "money"
    ]
    if not fields:
        raise CommandError(
            f"{operation} needs an amount, and no record of its plan has one to bound it; write the"
            " workflow by hand, as docs/how-to/workflow.md says."
        )
    bound = next((each for each in fields if each.endswith("able")), fields[0])
    declared = {"type": "money", "max": f"{{{bound}}}", "ask": "How much?"}
    known = sample.get(name)
    said = format_money(known["minor"], known["currency"]) if known else ""
    return Slot(name, declared, said), f"{name} is bounded by {bound}; see that it is the right one"


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
