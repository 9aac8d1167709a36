"""Surfaces: where people are. They translate between a chat's wire and the flow, nothing else."""
