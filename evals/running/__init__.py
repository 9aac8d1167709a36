"""What is run, pinned, and how its cases are carried out."""
