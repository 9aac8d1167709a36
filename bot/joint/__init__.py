"""Joint plans: one request that takes several workflows, as one plan with one card."""
