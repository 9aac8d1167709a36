"""The orders desk: an embedded order system on a real SQL database; the template to copy."""
