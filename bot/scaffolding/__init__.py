"""`assent new`: code, policies and tests of a new connector or workflow, which pass as they are."""
