"""A model behind the official SDK, and its only importer."""

import anthropic  # noqa: F401
