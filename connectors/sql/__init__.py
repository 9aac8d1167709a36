"""An SQL database inside: statements that an admin declares, and no others."""
