"""Cards: one neutral model, pure builders from a run's view, pure renderers for each surface."""
