"""Humans behind accounts, and who decides for somebody who is away."""
