"""Jira Cloud: issues, their workflow, their comments and the people who work on them."""
