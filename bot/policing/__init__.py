"""What the policy commands print: checked, tested, explained, compared."""
