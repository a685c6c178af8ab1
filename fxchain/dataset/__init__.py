"""Data sets of dry and wet recordings with the chains between them, for those who train models."""
