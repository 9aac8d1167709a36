"""AWS IAM Identity Center: who is in which group of its identity store."""
