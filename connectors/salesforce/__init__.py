"""Salesforce: one field of an opportunity, an account or a case, and how these are found."""
