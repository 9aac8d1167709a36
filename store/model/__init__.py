"""The nouns: frozen values that every floor may import. Pydantic and the standard library alone."""
