"""bundle.yml with one workflow more: two lines, everything else stays as it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.errors import CommandError

_WORKFLOWS = re.compile(r"^workflows:[ \t]*(?P<none>\{\})?[ \t]*(?:#.*)?\n", re.MULTILINE)
_CHANNELS = re.compile(r"^channels:[ \t]*(?:#.*)?\n(?:(?:[ \t#].*)?\n)*", re.MULTILINE)
_ASKED = re.compile(r"^(?P<begin>[ \t]+workflows:[ \t]*\[)(?P<named>[^\]\n]*)\]", re.MULTILINE)


def with_workflow(settings: str, name: str, connections: Sequence[str]) -> str:
    """bundle.yml with the workflow's connections, and with it in the first channel where anything
    may be asked for. Raises CommandError where it is written in another way than usual."""
    listed = f"  {name}: [{', '.join(connections)}]\n"
    head, channels = _WORKFLOWS.search(settings), _CHANNELS.search(settings)
    places = list(_ASKED.finditer(channels[0])) if channels else []
    place = next((each for each in places if each["named"].strip()), next(iter(places), None))
    if head is None or channels is None or place is None:
        raise CommandError(
            "bundle.yml lists its workflows in another way than `workflows: [...]` in a channel"
            f" and `workflows:` on a line of its own. Put {name} into a channel, and under"
            f" workflows: {listed.strip()}"
        )
    named = ", ".join(filter(None, (place["named"].strip(), name)))
    start, end = channels.start() + place.start(), channels.start() + place.end()
    edits = [(start, end, f"{place['begin']}{named}]"), (head.end(), head.end(), listed)]
    edits += [(*head.span("none"), "")] if head["none"] else []
    for begin, stop, text in sorted(edits, reverse=True):
        settings = settings[:begin] + text + settings[stop:]
    return settings
