"""What can go wrong in an evaluation that a person can mend; the command prints it as one sentence.

EvalError
    MetricsError     what was asked to be measured does not exist
    RecordError      a record or a baseline cannot be read, written or compared
    ArtefactError    what was to be run cannot be found
    RunError         cases were not carried out as they should be
"""


class EvalError(Exception):
    """Says what happened, to which thing, and what to do next."""


class MetricsError(EvalError):
    """A metric, a slice or a bound that does not exist."""


class RecordError(EvalError):
    """A record that cannot be read, written, blessed or compared."""


class ArtefactError(EvalError):
    """A candidate or a baseline that cannot be resolved to something that runs."""


class RunError(EvalError):
    """Cases that were lost, or carried out other than they should be."""
