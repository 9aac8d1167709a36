"""What a run leaves behind: results, records, blessed baselines, and their files."""
