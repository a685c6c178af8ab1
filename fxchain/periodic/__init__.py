"""Linear filters that change periodically, measured from a dry and a wet recording."""
