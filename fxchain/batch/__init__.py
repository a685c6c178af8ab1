"""Many matches, each a job with its own folder."""
