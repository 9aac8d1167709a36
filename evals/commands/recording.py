"""`agent-eval record`: what a live model answers to the requests of a suite, kept for later runs.

look what is missing -> say what it may cost -> ask, case by case -> say what it did cost

A case is kept as soon as it is done, so whoever stops goes on where they stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.planner import turns
from bot.planner.model import Model, NotRecordedError
from bot.planner.pricing import TOKENS_PRICED, PriceTable, price_table
from bot.planning import planner_with
from evals.cases.case import Case
from evals.cases.suite import Suite
from evals.errors import ArtefactError
from evals.models import cassettes
from evals.models.planners import CASSETTE, CLAUDE
from evals.models.recorder import Recording
from evals.reports.shown import micro_usd_text
from evals.running.arms import HERE, Artefact, beside_a_key
from evals.stories.observed import observe
from evals.stories.story import Story
from evals.worlds.world import world
from policies.bundle import Bundle

# What an estimate takes for granted of one planning; what it did cost is said afterwards.
TURNS_ESTIMATED = 2
OUTPUT_TOKENS_ESTIMATED = 400
BYTES_A_TOKEN = 4  # of English prose and JSON, by the service's rule of thumb
INCOMPLETE = 4  # exit code: what is recorded does not suffice, as for UNVERIFIABLE

Say = Callable[[str], None]
Play = Callable[[Case, int], None]


@dataclass(frozen=True)
class Wanted:
    """What is to be recorded, for how much at most."""

    suite: Suite
    cases: Sequence[Case]
    epochs: Sequence[int]
    artefact: Artefact
    spend_max_micro_usd: int

    @property
    def folder(self) -> Path:
        """Where it is kept. Raises ArtefactError for what has nothing to be recorded."""
        kind, _, folder = self.artefact.model.partition(":")
        if self.artefact.planner != CLAUDE or kind != CASSETTE:
            raise ArtefactError(
                f"{self.artefact.label} asks no live model, so there is nothing to record; "
                "name a prompt, a model or planner@claude, or add --model"
            )
        if self.artefact.tree != HERE:
            raise beside_a_key(self.artefact.label)
        return Path(folder)


def record(wanted: Wanted, live: Model, say: Say) -> int:
    """Record what is missing; answers the exit code: 0 where nothing is missing any more."""
    folder = wanted.folder
    with _playing(wanted, folder) as (recording, play):
        lacking: list[tuple[Case, int]] = []
        sizes: list[int] = []
        for epoch in wanted.epochs:
            for case in wanted.cases:
                play(case, epoch)
                if recording.missing:
                    lacking.append((case, epoch))
                    sizes += map(len, map(str, recording.missing))
        say(_plan(wanted, len(recording.known), len(lacking), sizes, recording.prices))
        recording.live = live
        left = 0
        for case, epoch in lacking:
            if not recording.stopped:
                play(case, epoch)
                _keep(folder / f"{case.case}.jsonl", recording)
            left += bool(recording.stopped or recording.missing)
    say(_told(recording, left, folder))
    return INCOMPLETE if left else 0


@contextmanager
def _playing(wanted: Wanted, folder: Path) -> Iterator[tuple[Recording, Play]]:
    """A recording, and what plays one case in one epoch on it.

    The planner warns of each answer that it does not get. Here they are counted and told at once.
    """
    known = cassettes.read(folder)
    recording = Recording(known, wanted.spend_max_micro_usd)
    suite, bundle = wanted.suite.file, wanted.artefact.bundle
    with world(suite, bundle, planner_with(recording)) as made, _quiet():
        recording.prices = _prices(made.assent.catalogue().bundle)

        def play(case: Case, epoch: int) -> None:
            recording.begin(epoch)
            made.begin()
            observe(Story(made, suite, case), epoch)

        yield recording, play


@contextmanager
def _quiet() -> Iterator[None]:
    """No warning of an answer that is not recorded: that some are missing is why this runs."""
    log = logging.getLogger(turns.__name__)
    log.addFilter(_is_news)
    try:
        yield
    finally:
        log.removeFilter(_is_news)


def _is_news(said: logging.LogRecord) -> bool:
    about = said.args if isinstance(said.args, tuple) else ()
    return not any(isinstance(each, NotRecordedError) for each in about)


def _prices(bundle: Bundle) -> PriceTable:
    section = bundle.settings.planner
    assert section is not None, "an artefact with a model has a bundle in which it may plan"
    return price_table(section.prices)


def _keep(path: Path, recording: Recording) -> None:
    """The answers that are new, beside those that the case had."""
    if recording.new:
        old = cassettes.read_file(path) if path.exists() else ()
        cassettes.write(path, (*old, *recording.new))


def _plan(
    wanted: Wanted, known: int, lacking: int, sizes: Sequence[int], prices: PriceTable
) -> str:
    """What is missing, and about what it will cost."""
    rate = prices.rate(wanted.artefact.pins.model)
    tokens = sum(sizes) // BYTES_A_TOKEN
    by_rates = tokens * rate.input + len(sizes) * OUTPUT_TOKENS_ESTIMATED * rate.output
    estimate = TURNS_ESTIMATED * by_rates // TOKENS_PRICED
    asked = len(wanted.cases) * len(wanted.epochs)
    return (
        f"{wanted.artefact.label}, {wanted.artefact.pins.model}: {known} answers are recorded, "
        f"{len(sizes)} are missing; {lacking} of {asked} stories lack some. "
        f"Estimated {micro_usd_text(estimate)}, at most "
        f"{micro_usd_text(wanted.spend_max_micro_usd)}"
    )


def _told(recording: Recording, left: int, folder: Path) -> str:
    cost = micro_usd_text(recording.spent_micro_usd)
    lines = [f"asked {recording.asked} times for {cost}; recorded in {folder}"]
    if recording.failed:
        lines.append(f"{recording.failed} times no answer came that could be kept")
    if left:
        why = recording.stopped or "some answers did not come"
        lines.append(f"{left} stories still lack answers: {why}; run this again to go on")
    return "\n".join(lines)
