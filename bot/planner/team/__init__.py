"""Requests that take several workflows: divided into parts, planned one by one, joined again."""
