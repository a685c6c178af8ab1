"""From a dry and a wet recording to a chain: start, fit, scores."""
