"""One judgement a file, each a pure function of a case and its trace: a grade, or None where the
case does not ask for it."""
