"""What a case is, and a suite of them: read, checked, and in which words."""
