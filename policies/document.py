"""YAML as bundles may use it: plain data with positions, everything else refused.

Read from parser events, so that anchors, aliases, tags, duplicate keys, depth and size are refused
before anything is built from them. Sequences become tuples. Plain scalars are read strictly:
integers, true/false, times with an offset, text; what other readers would disagree about (0x1F,
1_000, 1.5, yes, 2026-11-27) is refused and asked to be quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import yaml
from yaml.reader import ReaderError

from policies.findings import Finding
from store.model.values import INT_MAX

BYTES_MAX = 256 * 1024  # bytes of one file; the shipped ones are under 20 kB
DEPTH_MAX = 12  # levels; a workflow uses 5
NODES_MAX = 20_000  # scalars and collections of one file
DOCUMENTS_KEPT = 32  # files that are not read again while they stay the same; a bundle has about 10

Path = tuple[str | int, ...]

# In C where PyYAML was built with it, as its wheels are: a tenth of what parsing costs in Python.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ENVELOPE = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)


@dataclass(frozen=True)
class Size:
    """What one file may have at most: bytes, and scalars and collections; and whether characters
    that nobody sees may stand in it, in quotes and written as escapes, so that a reader sees them.
    """

    bytes_max: int = BYTES_MAX
    nodes_max: int = NODES_MAX
    may_escape: bool = False


BUNDLE_FILE = Size()

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})")
_REFUSED = (
    (re.compile(r"\d{4}-\d{2}-\d{2}([Tt ].*)?"), "a time needs an offset, as 2026-11-27T00:00:00Z"),
    (re.compile(r"[-+]?(\d[\d_]*)?\.?[\d_]+([eE][-+]?\d+)?|\d+\."), "numbers here are integers"),
    (
        re.compile(r"[-+]?(0[xob][\da-fA-F_]+|\.(inf|nan)|\.(Inf|NaN|INF|NAN))"),
        "numbers are decimal",
    ),
    (re.compile(r"(?i:yes|no|on|off|true|false|null)"), "write true or false, or quote the word"),
)
# Zero-width and direction-changing characters: what an admin reads must be what is loaded.
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_BREAKS = re.compile("[\u0085\u2028\u2029]")  # end a line for YAML 1.1 and for no editor
_SURROGATE = re.compile("[\ud800-\udfff]")  # halves of characters; no text of anybody has them


@dataclass(frozen=True)
class Mark:
    """Where a value stands, from 1. `is_inline`: all its characters follow from `column`."""

    line: int
    column: int
    is_inline: bool = False


class Malformed(Exception):  # noqa: N818 - it carries the finding that becomes a BundleError
    """A file that cannot be read as plain data."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding))


@dataclass(frozen=True)
class Document:
    """One file as plain data, with the place of every key and value; `parsed` are the models that
    it was found to be (parse.py)."""

    file: str
    tree: Any
    marks: Mapping[Path, Mark]
    keys: Mapping[Path, Mark]
    parsed: dict[type, Any] = field(init=False, default_factory=dict, compare=False, repr=False)

    def key_finding(self, path: Path, message: str) -> Finding:
        """A finding at the key of an entry, or at what is nearest to it."""
        mark = self.keys.get(path)
        if mark is None:
            return self.finding(path, message)
        return Finding(self.file, mark.line, mark.column, message)

    def finding(self, path: Path, message: str, *, line: int = 1, column: int = 1) -> Finding:
        """A finding at a path, or at its nearest ancestor; `line:column` count within the value."""
        known = self._nearest(path)
        mark = self.marks[known]
        if mark.is_inline and line == 1 and known == path:
            return Finding(self.file, mark.line, mark.column + column - 1, message)
        return Finding(self.file, mark.line, mark.column, message)

    def _nearest(self, path: Path) -> Path:
        """The path as far as it exists, without the parts that stand for a model's variant."""
        known: Path = ()
        for part in path:
            if (*known, part) in self.marks:
                known = (*known, part)
        return known


@lru_cache(maxsize=DOCUMENTS_KEPT)
def read(file: str, data: bytes, size: Size = BUNDLE_FILE) -> Document:
    """The document in `data`; raises Malformed with the place and what to do about it.

    Nobody changes a document: the same file is read once, because parsing is what loading costs.
    """
    if len(data) > size.bytes_max:
        message = f"{len(data):,} bytes; a file may have {size.bytes_max:,}"
        raise Malformed(Finding(file, 0, 0, message))
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed(Finding(file, 0, 0, f"not UTF-8 at byte {error.start}")) from None
    if text.startswith("\ufeff"):
        raise Malformed(
            Finding(file, 1, 1, "starts with a byte order mark; save it as plain UTF-8")
        )
    if size.may_escape and (found := _INVISIBLE.search(text)):
        line = text.count("\n", 0, found.start()) + 1
        raise Malformed(Finding(file, line, 1, _invisible(found[0]) + "; write it as an escape"))
    if found := _BREAKS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"the line break U+{ord(found[0]):04X} is refused; write it as an escape"
        raise Malformed(Finding(file, line, 1, message))
    return _Reader(file, size).document(text)


def _invisible(character: str) -> str:
    return f"the invisible character U+{ord(character):04X} is refused"


class _Reader:
    """Builds one document from events; holds the counters that bound it."""

    def __init__(self, file: str, size: Size) -> None:
        self.file, self.nodes_max, self.may_escape = file, size.nodes_max, size.may_escape
        self.marks: dict[Path, Mark] = {}
        self.keys: dict[Path, Mark] = {}
        self.nodes = 0

    def document(self, text: str) -> Document:
        try:
            events = self._events(text)
            tree = self._node(next(events), events, (), 0)
            for event in events:
                raise self._refused(event, "one file holds one document; remove the second '---'")
        except StopIteration:
            raise Malformed(Finding(self.file, 0, 0, "the file is empty")) from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            message = f"not YAML: {error.problem or error.context}"
            raise Malformed(Finding(self.file, place[0], place[1], message)) from None
        except ReaderError as error:
            line = text.count("\n", 0, text.find(chr(error.character))) + 1
            message = f"character U+{error.character:04X} may not stand in a file"
            raise Malformed(Finding(self.file, line, 1, message)) from None
        except yaml.YAMLError as error:
            raise Malformed(Finding(self.file, 0, 0, f"not YAML: {error}")) from None
        return Document(self.file, tree, self.marks, self.keys)

    def _events(self, text: str) -> Iterator[Any]:
        """Node and end-of-collection events; documents' own events are judged here and dropped."""
        documents = 0
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1 or event.version or event.tags:
                    raise self._refused(event, "one plain document a file, without % directives")
            elif not isinstance(event, _ENVELOPE):
                yield event

    def _node(self, event: Any, events: Iterator[Any], path: Path, depth: int) -> Any:
        kind = type(event).__name__
        self.nodes += 1
        if self.nodes > self.nodes_max:
            raise self._refused(event, f"more than {self.nodes_max:,} values in one file")
        if depth > DEPTH_MAX:
            raise self._refused(event, f"nested deeper than {DEPTH_MAX} levels")
        if kind == "AliasEvent" or event.anchor:
            raise self._refused(event, "anchors and aliases are not used here; write the value out")
        if event.tag is not None:
            raise self._refused(event, f"the tag {event.tag} is not used here; write plain data")
        self.marks.setdefault(path, Mark(event.start_mark.line + 1, event.start_mark.column + 1))
        if kind == "ScalarEvent":
            return self._scalar(event, path)
        if kind == "SequenceStartEvent":
            return self._sequence(events, path, depth)
        return self._mapping(events, path, depth)

    def _sequence(self, events: Iterator[Any], path: Path, depth: int) -> tuple[Any, ...]:
        items: list[Any] = []
        while type(event := next(events)).__name__ != "SequenceEndEvent":
            items.append(self._node(event, events, (*path, len(items)), depth + 1))
        return tuple(items)

    def _mapping(self, events: Iterator[Any], path: Path, depth: int) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while type(event := next(events)).__name__ != "MappingEndEvent":
            key = self._node(event, events, (*path, ""), depth + 1)
            place = self.marks.pop((*path, ""))
            if type(key) is not str or not key:
                raise self._refused(event, "a key is text; quote it")
            if key == "<<":
                raise self._refused(event, "merge keys are not used here; write the values out")
            if key in entries:
                raise self._refused(event, f"the key {key!r} stands here twice; remove one")
            self.marks[(*path, key)] = self.keys[(*path, key)] = place
            value_event = next(events)
            entries[key] = self._node(value_event, events, (*path, key), depth + 1)
        return entries

    def _scalar(self, event: Any, path: Path) -> Any:
        text: str = event.value
        found = (_SURROGATE if self.may_escape else _INVISIBLE).search(text)
        if found:
            raise self._refused(event, _invisible(found[0]))
        start, end = event.start_mark, event.end_mark
        quote = 1 if event.style in ("'", '"') else 0
        is_inline = start.line == end.line and event.style not in ("|", ">")
        self.marks[path] = Mark(start.line + 1, start.column + 1 + quote, is_inline)
        return text if event.style else self._plain(event, text)

    def _plain(self, event: Any, text: str) -> Any:
        if text in ("true", "false"):
            return text == "true"
        if text in ("", "~", "null"):
            raise self._refused(event, "a value is missing here")
        if "\t" in text:
            raise self._refused(event, "a tab stands in it; write a space, or quote the text")
        if _INTEGER.fullmatch(text):
            if len(text) > 17 or abs(int(text)) > INT_MAX:
                raise self._refused(event, f"{text[:20]} is beyond 2**53 - 1")
            return int(text)
        if _TIME.fullmatch(text):
            try:
                return datetime.fromisoformat(text).astimezone(UTC)
            except (ValueError, OverflowError) as error:
                raise self._refused(event, f"{text} is not a time: {error}") from None
        for pattern, why in _REFUSED:
            if pattern.fullmatch(text):
                raise self._refused(
                    event, f"{text[:40]} is ambiguous: {why}; quote it to mean text"
                )
        return text

    def _refused(self, event: Any, message: str) -> Malformed:
        mark = event.start_mark
        return Malformed(Finding(self.file, mark.line + 1, mark.column + 1, message))
