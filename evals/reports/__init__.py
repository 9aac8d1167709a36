"""What a run tells people: on a terminal, on a page, as JUnit XML, as a comment."""
