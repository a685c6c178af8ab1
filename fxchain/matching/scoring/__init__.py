"""What a match reports: scores, baselines, how certain the knobs are."""
