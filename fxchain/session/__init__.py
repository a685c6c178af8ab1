"""One run of a search: its limits, the state of the process, its result."""
