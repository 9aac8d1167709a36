"""Google Workspace: who is in which group, and whether an account works."""
