"""The world of a case: the whole Assent over a desk, people, a clock and an engine of the story."""
