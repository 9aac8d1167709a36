"""Whatever can be named as a candidate or a baseline, laid over a copy of what stands here.

    KIND@working, KIND@sha:HEX, KIND@tag:NAME    KIND: prompt, policy, workflow, bundle, connector,
                                                 planner (its code)
    planner@rules, planner@claude                what stands here, with this planner
    model@NAME, model@scripted:NAME              what stands here, with this model

A kind is the whole of its folder: what was added to it since is not there. Prompts and models are
tried with the model planner; the other kinds with the rules, unless a model is asked for.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.bundle.installed import digest_of
from evals.cases.suite import Suite
from evals.errors import ArtefactError
from evals.keeping.results import Pins
from evals.models.cassettes import cassettes_of
from evals.models.planners import CASSETTE, CLAUDE, LIVE, RULES, SCRIPTED
from evals.running.arms import HERE, KINDS, Artefact, beside_a_key, beside_secrets
from evals.running.commits import Repository, secrets_held
from evals.running.pins import pins_of
from policies import document, spelling
from policies.document import Malformed
from policies.findings import Finding
from policies.parse import parse
from policies.settings_file import BundleFile

# Kind -> its folder, below the bundle's or below the tree's.
OF_BUNDLE: Mapping[str, str] = {
    "prompt": "prompts",
    "policy": "policies",
    "workflow": "workflows",
    "bundle": ".",
}
OF_CODE: Mapping[str, str] = {"connector": "connectors", "planner": "bot/planner"}
CODE = ("bot", "connectors", "evals", "policies", "store")  # what a worker imports

_MODEL = re.compile(spelling.MODEL)
_GRAMMAR = (
    f"write {'|'.join(KINDS)}@sha:HEX, @tag:NAME or @working; planner@rules or planner@claude; "
    "model@NAME or model@scripted:NAME"
)


@dataclass(frozen=True)
class Answering:
    """Who answers where a model plans: `model` is a model's name, "scripted:NAME" or, empty, the
    bundle's own; recorded answers unless `is_live`. Given, it plans for every artefact that does
    not say otherwise."""

    model: str = ""
    is_live: bool = False

    @property
    def is_given(self) -> bool:
        return bool(self.model) or self.is_live


@dataclass(frozen=True)
class _Named:
    """One artefact's name, understood."""

    kind: str
    commit: str = ""  # sha:HEX or tag:NAME; "" for what stands here
    planner: str = ""
    model: str = ""

    @property
    def is_code_of_a_commit(self) -> bool:
        return bool(self.commit) and self.kind in OF_CODE


@contextmanager
def resolve(
    spec: str, suite: Suite, seed: int, answering: Answering = Answering(), here: Path = HERE
) -> Iterator[Artefact]:
    """An artefact that cases can be carried out with, until the context ends.

    Raises ArtefactError, whose sentence says what to write instead.
    """
    named = _named(spec)
    model = named.model or answering.model
    planner = named.planner or (CLAUDE if answering.is_given else RULES)
    if planner != RULES and answering.is_live and named.is_code_of_a_commit:
        raise beside_a_key(spec)
    if named.is_code_of_a_commit and (held := secrets_held()):
        raise beside_secrets(spec, held)
    bundle = here / "policies" / "bundles" / suite.file.bundle
    with TemporaryDirectory(prefix="assent-artefact-") as folder:
        shipped = bundle
        tree, bundle = _laid(named, here, bundle, Path(folder))
        is_as_here = bool(named.commit) and _is_same(named.kind, (here, shipped), (tree, bundle))
        if planner == RULES:
            name = who = ""
            recorded = None
        else:
            name, bundle = _modelled(spec, model, bundle, Path(folder))
            who, recorded = _answering(name, suite, bundle, is_live=answering.is_live)

        def pins() -> Pins:
            return pins_of(
                tree,
                bundle,
                suite=suite.digest,
                planner=planner,
                model=name,
                cassettes=recorded,
                seed=seed,
            )

        pinned = pins()
        is_live = who.startswith(f"{LIVE}:")
        yield Artefact(spec, tree, bundle, planner, pinned, who, is_live, is_as_here)
        _check_still(spec, pinned, pins())


def _answering(name: str, suite: Suite, bundle: Path, *, is_live: bool) -> tuple[str, Path | None]:
    """Who answers for a model, as evals/models/planners.py has it, and where that is recorded."""
    if name.startswith(f"{SCRIPTED}:"):
        return name, None
    if is_live:
        return f"{LIVE}:{name}", None
    recorded = cassettes_of(suite.folder, name, bundle)
    return f"{CASSETTE}:{recorded.resolve()}", recorded


def _check_still(spec: str, before: Pins, after: Pins) -> None:
    """What was edited while it was run was run in parts. `record` writes cassettes meanwhile."""
    changed = [n for n, v in before if n != "cassettes" and v != getattr(after, n)]
    if changed:
        raise ArtefactError(
            f"{spec} changed while it was run ({', '.join(changed)}), so nothing is said of it; "
            "run it again, and edit nothing meanwhile"
        )


def _named(spec: str) -> _Named:
    """What a name means. Raises ArtefactError."""
    kind, _, which = spec.partition("@")
    if kind == "model" and which:
        _check_model(which)
        return _Named(kind, planner=CLAUDE, model=which)
    if kind == "planner" and which in {RULES, CLAUDE}:
        return _Named(kind, planner=which)
    where, _, name = which.partition(":")
    if kind in KINDS and (which == "working" or (where in {"sha", "tag"} and name)):
        planner = CLAUDE if kind == "prompt" else ""
        return _Named(kind, commit="" if which == "working" else which, planner=planner)
    raise ArtefactError(f"{spec!r} names nothing that can be run; {_GRAMMAR}")


def _check_model(name: str) -> None:
    kind, _, which = name.partition(":")
    if kind == SCRIPTED:
        from evals.scripted import scripted

        scripted(which)
    elif not _MODEL.fullmatch(name):
        raise ArtefactError(f"{name!r} is no name of a model; write claude-... or scripted:NAME")


def _laid(named: _Named, here: Path, bundle: Path, folder: Path) -> tuple[Path, Path]:
    """The tree and the bundle of an artefact: those that stand here, or copies with what stood at
    a commit in the place of its kind."""
    if not named.commit:
        return here, bundle
    is_code = named.kind in OF_CODE
    part = _part(named.kind, here, bundle)
    repository = Repository.of(here if is_code else bundle)
    where, _, name = named.commit.partition(":")
    commit = repository.commit(name) if where == "sha" else repository.tagged(name)
    files = repository.files(commit, part)
    if not is_code:
        copy = folder / bundle.name
        shutil.copytree(bundle, copy)
        _replace(copy / OF_BUNDLE[named.kind], files)
        return here, copy
    tree = folder / "tree"
    for each in CODE:
        shutil.copytree(here / each, tree / each)
    _replace(tree / OF_CODE[named.kind], files)
    return tree, tree / bundle.relative_to(here)


def _part(kind: str, tree: Path, bundle: Path) -> Path:
    """The folder that a kind is."""
    return tree / OF_CODE[kind] if kind in OF_CODE else bundle / OF_BUNDLE[kind]


def _is_same(kind: str, one: tuple[Path, Path], other: tuple[Path, Path]) -> bool:
    """Whether a kind has the same files in two trees with their bundles."""
    parts = (_part(kind, tree, bundle) for tree, bundle in (one, other))
    first, second = (digest_of([part], part) for part in parts)
    return first == second


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """These files are the folder now."""
    shutil.rmtree(folder)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _modelled(spec: str, model: str, bundle: Path, folder: Path) -> tuple[str, Path]:
    """Who answers, and a bundle that names it as its planner's model.

    Raises ArtefactError for a bundle in which no model may plan.
    """
    path = bundle / "bundle.yml"
    findings: list[Finding] = []
    try:
        source = document.read("bundle.yml", path.read_bytes())
    except (OSError, Malformed) as error:
        raise ArtefactError(f"{spec}: its bundle cannot be read: {error}") from error
    settings = parse(BundleFile, source, findings)
    if settings is None:
        raise ArtefactError(f"{spec}: its bundle cannot be read: {findings[0]}")
    if settings.planner is None:
        raise ArtefactError(
            f"{spec} is tried with a model, and its bundle.yml has no `planner:` section, so that "
            "no model is ever asked; use planner@rules, or a commit that has one"
        )
    own = settings.planner.model
    if not model or model == own or model.startswith(f"{SCRIPTED}:"):
        return model or own, bundle
    _check_model(model)
    copy = folder / "modelled" / bundle.name
    shutil.copytree(bundle, copy)
    mark = source.marks[("planner", "model")]
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    line = lines[mark.line - 1]
    changed = line[: mark.column - 1] + line[mark.column - 1 :].replace(own, model, 1)
    lines[mark.line - 1] = changed
    (copy / "bundle.yml").write_text("".join(lines), encoding="utf-8")
    return model, copy
