"""`agent-eval`: run the gate, compare what was kept, bless a baseline.

Each command imports what it needs when it runs, so that --help answers at once.
"""

from __future__ import annotations

import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from bot import collecting
from bot.commands.options import STATE

REPEATS_MAX = 100  # epochs of every case
WORKERS_MAX = 64
CASE_SECONDS = 60  # a case of the rules planner takes a hundredth of one, a live model's some
SEED = 1  # of a run that names none; a baseline holds for the seed that it was made with
MISUSE = 2
DEFECT = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # as shells say it of SIGINT

METRICS = click.option(
    "--metrics",
    default="",
    help='What is demanded, such as "success_rate>=0.92,success_rate[injection]>=1.0"; '
    "the suite's own thresholds otherwise.",
)
FAIL = click.option(
    "--fail-on-regression",
    is_flag=True,
    help="A regression, or a suspicion of one, exits with 3, 5.",
)
OUT = click.option(
    "--out",
    default=Path("state/evals"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that records and traces are kept in.",
)
FILE = click.Path(path_type=Path, dir_okay=False)
RECORD = click.argument("record", type=click.Path(path_type=Path, exists=True), metavar="RECORD")
BASELINES = click.option(
    "--baselines",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the blessed baselines; the shipped ones otherwise.",
)


MODEL = click.option(
    "--model",
    default="",
    metavar="NAME",
    help="Who answers where a model plans: NAME or scripted:NAME; the bundle's own otherwise.",
)
SPEND = click.option(
    "--spend-usd",
    default="5.00",
    show_default=True,
    metavar="DOLLARS",
    help="What a live model may cost at most.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Let no prompt, policy, workflow, model or connector change ship without proof.

    Exits 0 for a pass or within noise, 1 for a failure, 2 for misuse, 3 for a regression, 4 for
    what cannot be verified, 5 for a suspicion that should be run again.
    """


@cli.command()
@click.option("--suite", required=True, help="A shipped suite's name, or a folder with one.")
@click.option(
    "--candidate",
    default="bundle@working",
    show_default=True,
    metavar="ARTEFACT",
    help="What is tested: KIND@sha:HEX, KIND@tag:NAME, KIND@working (prompt, policy, workflow, "
    "bundle, connector, planner), planner@rules, planner@claude, model@NAME.",
)
@click.option(
    "--baseline",
    metavar="ARTEFACT",
    help='What it is compared with; "blessed" (the default where one is), or "none".',
)
@METRICS
@FAIL
@click.option("--repeats", default=1, show_default=True, type=click.IntRange(1, REPEATS_MAX))
@click.option(
    "--workers",
    show_default="one a core, fewer for few cases",
    type=click.IntRange(1, WORKERS_MAX),
    help="Processes.",
)
@click.option(
    "--case-seconds",
    default=CASE_SECONDS,
    show_default=True,
    type=click.IntRange(1, 3_600),
    help="What takes longer was not carried out.",
)
@OUT
@click.option("--seed", default=SEED, show_default=True, help="Of all that is drawn.")
@click.option("--slice", "slices", multiple=True, metavar="SLICE", help="Only these cases.")
@click.option("--case", "cases", multiple=True, metavar="CASE", help="Only these cases.")
@MODEL
@click.option("--live", is_flag=True, help="Ask the model itself, not what is recorded of it.")
@SPEND
@BASELINES
@click.option("--html", type=FILE, help="The report's file, beside the one in the run's folder.")
@click.option("--junit", type=FILE, help="The same for JUnit XML.")
@click.option("--markdown", type=FILE, help="The same for the comment on a pull request.")
def run(
    suite: str,
    candidate: str,
    baseline: str | None,
    metrics: str,
    fail_on_regression: bool,
    repeats: int,
    workers: int | None,
    case_seconds: int,
    out: Path,
    seed: int,
    slices: tuple[str, ...],
    cases: tuple[str, ...],
    model: str,
    live: bool,
    spend_usd: str,
    baselines: Path | None,
    html: Path | None,
    junit: Path | None,
    markdown: Path | None,
) -> None:
    """Run a suite on a candidate and say whether it may ship.

    Prompts and models are tried with a model behind the rules, whose answers are recorded; the
    other kinds with the rules alone, unless --model or --live is given.
    """
    from functools import partial

    from evals.commands import carrying, choosing, progress, running
    from evals.keeping.baselines import BASELINES
    from evals.models.service import dollars, service
    from evals.reports import writing
    from evals.running.artefacts import Answering, resolve

    order = choosing.order(
        choosing.suite(suite),
        metrics=metrics,
        slices=slices,
        cases=cases,
        seed=seed,
        repeats=repeats,
        made_at=datetime.now(UTC),
    )
    asks = service() if live else None
    carried = carrying.by_workers(order.suite, workers, case_seconds, asks, dollars(spend_usd))
    runner = progress.watched(carried)
    resolver = partial(resolve, answering=Answering(model, is_live=live))
    asked = running.Asked(
        candidate, baseline, out, baselines or BASELINES, fail_on_regression, model, live
    )
    done = running.carry_out(order, asked, resolver, runner)
    told = writing.write(order.suite, done, html=html, junit=junit, markdown=markdown)
    click.echo(f"{done.text}\n{told}")
    sys.exit(done.exit_code)


@cli.command()
@RECORD
@click.argument("baseline", type=click.Path(path_type=Path, exists=True), metavar="BASELINE")
@METRICS
@FAIL
def compare(record: Path, baseline: Path, metrics: str, fail_on_regression: bool) -> None:
    """Judge the candidate of RECORD against that of BASELINE; nothing is run."""
    from evals.commands import choosing, comparing, running
    from evals.keeping import records

    kept = records.read(record)
    order = choosing.order(
        choosing.suite(kept.suite),
        metrics=metrics,
        slices=(),
        cases=(),
        seed=kept.candidate.pins.seed,
        repeats=1,
        made_at=kept.made_at,
    )
    text, judged = comparing.against(order, record, baseline)
    click.echo(text)
    sys.exit(running.exit_code(judged.verdict, fails_on_regression=fail_on_regression))


@cli.command()
@RECORD
@click.option("--why", required=True, help="What changed, and why that is right.")
@click.option("--even-failing", is_flag=True, help="Also a record that did not pass.")
@BASELINES
def bless(record: Path, why: str, even_failing: bool, baselines: Path | None) -> None:
    """Make the candidate of RECORD the baseline of its suite; commit the file that changes."""
    from evals.keeping import baselines as blessed
    from evals.keeping import records

    folder = baselines or blessed.BASELINES
    path = blessed.bless(records.read(record), why, folder, even_failing=even_failing)
    click.echo(f"{path} is the baseline now; commit it")


@cli.command()
@click.argument("case")
@click.option(
    "--in",
    "record",
    type=click.Path(path_type=Path, exists=True),
    metavar="RECORD",
    help="A record or its folder; the newest one in --out that has the case otherwise.",
)
@OUT
@click.option("--epoch", type=click.IntRange(0), help="The first that failed, otherwise.")
def show(case: str, record: Path | None, out: Path, epoch: int | None) -> None:
    """Show the story of CASE beside the baseline's; lines that differ are marked with #."""
    from evals.commands import showing

    click.echo(showing.show(record or showing.newest(out, case), case, epoch))


@cli.command()
@click.option("--suite", required=True, help="A shipped suite's name, or a folder with one.")
@click.option("--candidate", default="prompt@working", show_default=True, metavar="ARTEFACT")
@MODEL
@click.option("--repeats", default=1, show_default=True, type=click.IntRange(1, REPEATS_MAX))
@click.option("--slice", "slices", multiple=True, metavar="SLICE", help="Only these cases.")
@click.option("--case", "cases", multiple=True, metavar="CASE", help="Only these cases.")
@SPEND
def record(
    suite: str,
    candidate: str,
    model: str,
    repeats: int,
    slices: tuple[str, ...],
    cases: tuple[str, ...],
    spend_usd: str,
) -> None:
    """Ask a live model what a suite asks of it, and keep the answers beside the suite.

    Needs ASSENT_ANTHROPIC_API_KEY. Exits 4 while answers are missing; run again, it goes on.
    """
    from bot.planner.anthropic_model import AnthropicModel
    from evals.commands import choosing, recording
    from evals.models.service import dollars, service
    from evals.running.artefacts import Answering, resolve

    asks = service()
    chosen = choosing.suite(suite)
    wanted = choosing.chosen(chosen, slices, cases)
    with resolve(candidate, chosen, SEED, Answering(model)) as artefact:
        sys.exit(
            recording.record(
                recording.Wanted(chosen, wanted, range(repeats), artefact, dollars(spend_usd)),
                AnthropicModel(asks.api_key, asks.api_base),
                click.echo,
            )
        )


@cli.command()
@click.argument("suite")
def lint(suite: str) -> None:
    """Check a SUITE, by name or folder, without running it. Exits 1 where there are problems."""
    from evals.cases.suite import named
    from evals.linting.lint import has_problems
    from evals.linting.lint import lint as check

    remarks = check(named(suite))
    for remark in remarks:
        click.echo(str(remark))
    click.echo(f"{len(remarks)} remark{'' if len(remarks) == 1 else 's'} on {suite}")
    sys.exit(1 if has_problems(remarks) else 0)


@cli.command("from-run")
@STATE
@click.argument("run_id", metavar="RUN")
@click.option("--suite", default="refunds_v3", show_default=True, help="The suite it is to join.")
@click.option("--slice", "slices", multiple=True, metavar="SLICE", help="Slices of the case.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A new file of cases; printed otherwise.",
)
def from_run(
    state: Path, run_id: str, suite: str, slices: tuple[str, ...], to: Path | None
) -> None:
    """Make a case of a RUN that happened, with nobody's name, account or words of others in it."""
    from evals.cases.suite import named
    from evals.errors import RecordError
    from evals.keeping import files
    from evals.retelling.from_run import from_run as retell

    text = retell(run_id, state, named(suite), slices)
    if to is None:
        click.echo(text, nl=False)
        return
    if to.exists():
        raise RecordError(f"{to} exists; name a new file, then move the case where it belongs")
    files.write(to, text.encode())
    click.echo(f"{to} has the case; read it, then run `agent-eval lint {suite}`")


def main() -> NoReturn:
    """The entry point: an error that a person can mend is one sentence, not a traceback.

    No code of a verdict is used for anything else: a defect is no failing candidate.
    """
    try:
        with collecting.seldom():
            sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as misuse:
        misuse.show()
        sys.exit(MISUSE)
    except click.Abort:
        click.echo("agent-eval: interrupted, nothing was kept", err=True)
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - what nobody expected is a defect, told as one
        if not _is_expected(error):
            traceback.print_exc()
            sys.exit(DEFECT)
        click.echo(f"agent-eval: {error}", err=True)
        sys.exit(MISUSE)


def _is_expected(error: Exception) -> bool:
    from bot.errors import is_expected
    from evals.cases.suite import SuiteError
    from evals.errors import EvalError

    return isinstance(error, EvalError | SuiteError) or is_expected(error)
