"""The folder of a suite, loaded whole or not at all.

    suite.yml             evals/cases/case.py SuiteFile
    *.yml, NAME/*.yml     evals/cases/case.py CaseFile
    cassettes/            recorded answers; not read here

Every file is read, in the order of the names; nothing here executes what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evals.cases import references
from evals.cases.case import Case, CaseFile, SuiteFile
from evals.cases.references import Place
from evals.cases.systems import Reached, reached
from evals.errors import EvalError
from policies import document
from policies.document import Document, Malformed, Size
from policies.findings import BundleError, Finding
from policies.folder import is_hidden
from policies.parse import parse
from policies.revision import content_digest
from policies.settings_file import BundleFile

SUITES = Path(__file__).parents[1] / "suites"
BUNDLES = Path(__file__).parents[2] / "policies" / "bundles"
SUITE_FILE = "suite.yml"
CASSETTES = "cassettes"
FILES_MAX = 200  # files of one suite
CASES_MAX = 5_000  # cases of one suite; the largest that is shipped has some hundreds
CASE_FILE = Size(1024 * 1024, 100_000, may_escape=True)  # about 2,000 cases, hostile ones too


@dataclass(frozen=True)
class Suite:
    """A suite as it was loaded. `digest` is over every file; `places` is where each case stands."""

    file: SuiteFile
    cases: tuple[Case, ...]
    digest: str
    folder: Path
    places: Mapping[str, Place]
    source: Document  # suite.yml

    @property
    def name(self) -> str:
        return self.file.suite

    @property
    def must_pass(self) -> frozenset[str]:
        """The ids of the cases that fail a gate by themselves."""
        slices = set(self.file.must_pass)
        return frozenset(case.case for case in self.cases if slices & set(case.slices))


class SuiteError(EvalError):
    """The suite was not loaded, nothing was run: correct what is listed, then load it again."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        count = len(self.findings)
        lines = "\n".join(f"  {finding}" for finding in self.findings)
        noun = "problem" if count == 1 else "problems"
        super().__init__(f"the suite was not loaded, {count} {noun}:\n{lines}")


def load(folder: Path, bundles: Path = BUNDLES) -> Suite:
    """The suite in a folder; raises SuiteError with every finding in every file.

    `bundles` is the folder of the bundles that suites name.
    """
    findings: list[Finding] = []
    files = _files(folder, findings)
    documents = {
        name: d for name, data in files.items() if (d := _document(folder, name, data, findings))
    }
    source = documents.pop(SUITE_FILE, None)
    file = parse(SuiteFile, source, findings) if source else None
    placed = [
        (case, Place(each, ("cases", index)))
        for each in documents.values()
        if (one := parse(CaseFile, each, findings))
        for index, case in enumerate(one.cases)
    ]
    if file is None or source is None:
        raise SuiteError(findings)
    channels = _channels(bundles / file.bundle, source)
    known = _reached(bundles / file.bundle, source)
    is_whole = not findings
    references.check_suite(file, source, channels, findings)
    references.check_ids(placed, findings)
    for case, place in placed:
        references.check_case(case, place, file, channels, known, findings)
    if is_whole:  # else a slice may be used in what could not be read
        references.check_use(file, source, (case for case, _ in placed), findings)
    if len(placed) > CASES_MAX:
        findings.append(source.finding((), f"{len(placed):,} cases; a suite has {CASES_MAX:,}"))
    if findings:
        raise SuiteError(findings)
    return Suite(
        file=file,
        cases=tuple(case for case, _ in placed),
        digest=content_digest(files),
        folder=folder,
        places={case.case: place for case, place in placed},
        source=source,
    )


def named(name: str, root: Path = SUITES) -> Path:
    """The folder of a suite by its name, or by a path to it. Raises SuiteError naming those there
    are."""
    shipped = sorted(p.parent.name for p in root.glob(f"*/{SUITE_FILE}"))
    if name in shipped:
        return root / name
    if (Path(name) / SUITE_FILE).is_file():
        return Path(name)
    known = ", ".join(shipped) or "none"
    raise SuiteError([Finding(name, 0, 0, f"no such suite or folder; there is {known}")])


def _files(folder: Path, findings: list[Finding]) -> dict[str, bytes]:
    """Every file of the suite by its relative name; anything unexpected is a finding."""
    found: dict[str, bytes] = {}
    if not (folder / SUITE_FILE).is_file():
        raise SuiteError(
            [Finding(str(folder), 0, 0, f"no {SUITE_FILE} here; name a suite's folder")]
        )
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (
            is_hidden(path, folder)
            or name.startswith(f"{CASSETTES}/")
            or (path.is_dir() and not path.is_symlink())
        ):
            continue
        if not path.resolve().is_relative_to(root) or not path.is_file():
            findings.append(_whole(folder, name, "a link out of the suite or no plain file"))
        elif path.suffix != ".yml" or name.count("/") > 1:
            findings.append(_whole(folder, name, "no file of cases: suite.yml, *.yml, NAME/*.yml"))
        elif path.stat().st_size > CASE_FILE.bytes_max:
            message = f"larger than {CASE_FILE.bytes_max:,} bytes; make two files of it"
            findings.append(_whole(folder, name, message))
        elif len(found) == FILES_MAX:
            raise SuiteError([_whole(folder, "", f"more than {FILES_MAX} files")])
        else:
            found[name] = path.read_bytes()
    return found


def _whole(folder: Path, name: str, message: str) -> Finding:
    return Finding(f"{folder.name}/{name}", 0, 0, message)


def _document(folder: Path, name: str, data: bytes, findings: list[Finding]) -> Document | None:
    try:
        return document.read(f"{folder.name}/{name}", data, CASE_FILE)
    except Malformed as error:
        findings.append(error.finding)
        return None


def _channels(folder: Path, source: Document) -> tuple[str, ...]:
    """The channels of the bundle that the suite is about."""
    path = folder / "bundle.yml"
    if not path.is_file():
        raise SuiteError(
            [source.finding(("bundle",), f"no bundle {folder.name} in {folder.parent}")]
        )
    findings: list[Finding] = []
    bundle = _document(folder, path.name, path.read_bytes(), findings)
    settings = parse(BundleFile, bundle, findings) if bundle else None
    if settings is None:
        raise SuiteError(findings)
    return tuple(settings.channels)


def _reached(folder: Path, source: Document) -> Reached:
    """The systems of the bundle that the suite is about."""
    try:
        return reached(folder)
    except BundleError as error:
        raise SuiteError(error.findings) from None
    except EvalError as error:
        raise SuiteError([source.finding(("bundle",), str(error))]) from None
