"""The conformance suite: what every connector promises, checked against a world that it brings."""
