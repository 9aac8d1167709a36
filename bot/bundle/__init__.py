"""The bundle in force: loaded whole, put in force, followed while it is edited."""
