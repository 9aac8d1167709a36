"""A small suite as text, for tests that change it."""

from __future__ import annotations

from pathlib import Path

SUITE = """\
suite: r
title: Refunds
why: To try.
bundle: desk
now: 2026-11-20T15:00:00Z
requester: dana
channel: support-ops
people:
  dana: {name: Dana Okafor, roles: [support]}
  lee: {name: Lee Park, roles: [support, support-leads]}
  ann: {name: Ann Weiss, roles: [finance-leads]}
slices:
  refunds: Money goes back.
must_pass: []
thresholds: success_rate>=0.9
"""
CASE = """\
- case: one-refund
  why: It is the plain one.
  slices: [refunds]
  request: refund order 1043, damaged
  by: dana
  channel: support-ops
  world:
    faults: [{kind: unavailable, operation: orders.find, call: find}]
  then:
  - answer: 40
  - approve: lee
  expect:
    outcome: applied
    writes:
    - payments.refund: {amount: 40.00 USD}
    state:
    - table: orders
      id: 1043
      is: {status: delivered}
    - {table: payments, id: pay_7731, is: {refunded_minor: 4000}}
"""


def write(folder: Path, cases: str, file: str = SUITE) -> Path:
    """A suite called r in the folder."""
    place = folder / "r"
    place.mkdir(parents=True)
    (place / "suite.yml").write_text(file)
    (place / "cases.yml").write_text(f"cases:\n{cases}")
    return place
