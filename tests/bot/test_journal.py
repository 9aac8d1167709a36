"""What the journal says of a step that something went wrong with."""

from __future__ import annotations

import pytest

from bot.journal import what_went_wrong
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected, Unavailable
from store.model.execution import StepStatus
from tests.bot.cards.one_refund import step

LATER = "Nothing was written; ask again later."
AWAY = Unavailable("The desk is away.", next_step=LATER)
LOST = OutcomeUnknown("The desk did not answer.", next_step="Look at it.")
REFUSED = Rejected("The payout has left.", next_step="Put it right by hand.")


@pytest.mark.parametrize(
    ("status", "why", "said"),
    [
        (StepStatus.PLANNED, AWAY, f"The desk is away. {LATER}"),
        (StepStatus.DONE, AWAY, f"The desk is away. {LATER}"),
        (StepStatus.INTENT, AWAY, "The desk is away."),
        (StepStatus.UNKNOWN, AWAY, "The desk is away."),
        (StepStatus.COMPENSATING, AWAY, "The desk is away."),
        (StepStatus.INTENT, LOST, "The desk did not answer."),
        (StepStatus.COMPENSATING, REFUSED, "The payout has left. Put it right by hand."),
    ],
)
def test_nothing_was_written_is_said_only_where_no_earlier_call_may_have(
    status: StepStatus, why: ConnectorError, said: str
) -> None:
    assert what_went_wrong(step(0, status), why) == said
