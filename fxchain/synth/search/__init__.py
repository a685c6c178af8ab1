"""The search for the patch of a recording."""
