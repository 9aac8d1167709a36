"""Finders as an admin declares them: what every kind of system shares about looking for records.

A finder is given what a person said. Either something in it looks like the record's own number
("INV-2041"), and then that record is meant or none; or its words describe one, and then every word
must stand in it. It never guesses, and it never answers more than a person can choose from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints

from connectors.declared.kinds import Declared, Place, Problem, Word
from connectors.declared.parameters import Name, problems_of_template
from connectors.money import format_money
from connectors.operation import Record, Value
from connectors.text import Line

FINDERS_MAX = 20  # of one system
FIELDS_MAX = 40  # of one finder's records
RECORDS_MAX = 5  # that a person can choose from
SAID_CHARACTERS_MAX = 500  # of what a person wrote; the rest is not looked at
WORDS_MAX = 8  # of a description; of more it is not known which of them matter
NUMBERS_MAX = 5  # of one saying that are looked up
LABEL_CHARACTERS_MAX = 120
FIELD_CHARACTERS_MAX = 2_000  # of one text of a record; more is cut, as a plan takes no more

T = TypeVar("T")

FieldType = Literal["string", "money", "int", "bool"]
# How a record's number looks: # stands for digits, everything else for itself ("INV-#").
Shape = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/-]{0,16}#[A-Za-z0-9._/-]{0,16}$")]

_REFERENCE = re.compile(r"\{([^{}]*)\}")
_CUT_THROUGH = re.compile(r"\S*\Z")
_DIGITS = r"[0-9]{1,18}"


class FinderDeclared(Declared):
    """What every kind says of a finder: `noun` is what people call one record, `id` the field that
    holds its own id, `label` tells one from another with its fields in braces."""

    title: Line
    noun: Line
    scope: Word | None = None
    id: Name
    label: Line
    # One alone would hide that others fit as well.
    records_max: Annotated[int, Field(ge=2, le=RECORDS_MAX)] = RECORDS_MAX


def problems(declared: FinderDeclared, fields: Mapping[str, FieldType]) -> list[Problem]:
    """What is wrong with a finder whose records have these fields, placed below it."""
    found = problems_of_template(declared.label, fields, ("label",), what="field")
    place: Place = ("id",)
    if declared.id not in fields:
        found.append(Problem(place, f"no field {declared.id!r}; there is {', '.join(fields)}"))
    elif fields[declared.id] != "string":
        found.append(Problem(place, f"{declared.id} is {fields[declared.id]}; an id is a text"))
    return found


def record(declared: FinderDeclared, fields: Mapping[str, Value]) -> Record:
    """One record of a finder, its texts cut to what a plan takes."""
    held = {name: _bounded(value) for name, value in fields.items()}
    label = _REFERENCE.sub(lambda match: _shown(held[match[1]]), declared.label)
    if len(label) > LABEL_CHARACTERS_MAX:
        label = f"{label[: LABEL_CHARACTERS_MAX - 1]}…"
    return Record(declared.noun, str(held[declared.id]), label, held)


def numbers(said: str, shape: str, *, is_first: bool) -> tuple[str, ...]:
    """What looks like the shape in what was said, spelled as the shape is. Digits that stand alone
    mean the first shape of a finder: "2041" is INV-2041."""
    if len(said) > SAID_CHARACTERS_MAX:  # and what the end cuts through is no number
        said = _CUT_THROUGH.sub("", said[:SAID_CHARACTERS_MAX])
    before, after = shape.split("#")
    if is_first and (alone := re.fullmatch(rf"\W*({_DIGITS})\W*", said, re.ASCII)):
        return (f"{before}{alone[1]}{after}",)
    pattern = rf"(?<![\w-]){re.escape(before)}({_DIGITS}){re.escape(after)}(?![\w-])"
    found = (match[1] for match in re.finditer(pattern, said, re.IGNORECASE))
    return tuple(dict.fromkeys(f"{before}{digits}{after}" for digits in found))[:NUMBERS_MAX]


def words(text: str) -> tuple[str, ...]:
    """A text's words, without case, accents and possessives. None of a text that is too long to
    describe a record: its first words would mean what its last ones may rule out."""
    if len(text) > SAID_CHARACTERS_MAX:
        return ()
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = plain.replace("'s", "").replace("’s", "")
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    every = tuple(dict.fromkeys(re.findall(r"[^\W_]+", letters)))
    return every if len(every) <= WORDS_MAX else ()


def is_described(said: Iterable[str], texts: Iterable[str]) -> bool:
    """Whether every word of a description stands in the texts as a whole word."""
    wanted = set(said)
    plain = unicodedata.normalize("NFKD", " ".join(texts)).casefold()
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return bool(wanted) and wanted <= set(re.findall(r"[^\W_]+", letters))


def meant(said: tuple[str, ...], texts: Mapping[T, tuple[str, ...]]) -> tuple[T, ...]:
    """Which records a description means, of those with these texts: where one of the texts is
    exactly what was said, that record, else all in whose texts every word stands."""
    described = tuple(each for each, its in texts.items() if is_described(said, its))
    called_so = tuple(e for e in described if any(words(text) == said for text in texts[e]))
    return called_so or described


def _bounded(value: Value) -> Value:
    return value[:FIELD_CHARACTERS_MAX] if isinstance(value, str) else value


def _shown(value: Value) -> str:
    if isinstance(value, Mapping):
        return format_money(value["minor"], value["currency"])
    return str(value)
