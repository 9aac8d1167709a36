"""What a bundle decides on facts: of a run as they were recorded, or as somebody states them."""

from __future__ import annotations

from pathlib import Path

from bot.auditing import existing_store
from bot.catalogue import fact_types, loaded
from bot.errors import CommandError
from bot.policing.checking import in_force
from bot.systems import reached
from policies import stated
from policies.document import BYTES_MAX
from policies.engine import Engine, StepFacts
from policies.explain import lines
from store import runs


def explain_facts(file: Path, folder: Path | None) -> str:
    """Each rule on the facts in a file, under the bundle in a folder, else the one in force."""
    bundle = loaded(in_force(folder))
    engine = Engine(bundle, fact_types(reached(bundle)))
    try:
        step = stated.read(str(file), _read(file), bundle, engine)
    except stated.StatedError as error:
        raise CommandError(f"nothing can be decided on these facts:\n{error}") from None
    return "\n".join([f"under {bundle.version}", *lines(engine.decide([step]))])


def explain_run(state: Path, run_id: str, folder: Path) -> str:
    """Each rule on the facts that a run was last shown with, under another bundle than its own."""
    with existing_store(state) as (_, db), db.read() as cx:
        run = runs.get(cx, run_id)
    if run is None:
        raise CommandError(f"there is no run {run_id}; runs look like R-1001")
    recorded = run.proposal.decision.steps if run.proposal else ()
    if not any(step.facts for step in recorded):
        raise CommandError(f"no facts of {run_id} were recorded, so nothing can be decided anew")
    bundle = loaded(folder)
    steps = [StepFacts(step.step, step.operation, step.facts) for step in recorded]
    decision = Engine(bundle, fact_types(reached(bundle))).decide(steps)
    return "\n".join([f"{run_id} under {bundle.version}", *lines(decision)])


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            return source.read(BYTES_MAX + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
