"""What is known of the common facts before any rule is read: the bundle says what they can be.

Nothing is assumed of facts that come from connectors or from the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.bundle import LEVELS, Bundle

CHANNELS_BEYOND = ("direct", "unlisted")  # what the bot says for a place that bundle.yml lacks
OF_THE_STEP = frozenset({"step.is_reversible", "read.age_seconds"})  # differ within one plan


@dataclass(frozen=True)
class World:
    """The bundle's own names. `texts` maps a fact to every value that it can have; of `wordlists`
    the values are known too, and yet a rule may guard against others."""

    roles: tuple[str, ...]
    caps: Mapping[str, int]
    texts: Mapping[str, tuple[str, ...]]
    wordlists: Mapping[str, tuple[str, ...]]


def world_of(bundle: Bundle) -> World:
    """What the bundle's own files say about the common facts."""
    settings = bundle.settings
    texts = {
        "run.environment": tuple(settings.environments),
        "request.channel": (*settings.channels, *CHANNELS_BEYOND),
    }
    return World(
        roles=tuple(settings.roles),
        caps={name: LEVELS[e.autonomy] for name, e in settings.environments.items()},
        texts=texts,
        wordlists={
            **texts,
            "workflow.name": tuple(bundle.workflows),
            "requester.roles": tuple(settings.roles),
        },
    )
