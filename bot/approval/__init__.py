"""The life of an approval: who may, verdicts, changes, questions, reminders."""
