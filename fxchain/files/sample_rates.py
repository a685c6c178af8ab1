"""The sample rates that recordings may have, Hz."""

LOWEST_SAMPLE_RATE = 16_000
HIGHEST_SAMPLE_RATE = 192_000
