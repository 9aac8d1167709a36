"""Reports of a run, written beside its record: report.html, junit.xml and comment.md."""

from __future__ import annotations

from pathlib import Path

from evals.cases.suite import Suite
from evals.commands.running import Done
from evals.keeping import files
from evals.reports.findings import findings
from evals.reports.html import html as page
from evals.reports.junit import junit as xml
from evals.reports.markdown import markdown as comment

HTML, JUNIT, MARKDOWN = "report.html", "junit.xml", "comment.md"


def write(
    suite: Suite, done: Done, *, html: Path | None, junit: Path | None, markdown: Path | None
) -> str:
    """Write all three into the run's folder, and copies to where they are wanted besides; the line
    that says where the page is."""
    found = findings(suite, done.record, done.traces)
    for name, content, copy in (
        (HTML, page(found).encode(), html),
        (JUNIT, xml(found), junit),
        (MARKDOWN, comment(found).encode(), markdown),
    ):
        for path in filter(None, (done.folder / name, copy)):
            files.write(path, content)
    return f"report {done.folder / HTML}"
