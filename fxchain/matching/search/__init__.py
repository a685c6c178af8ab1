"""The search of a match: its schedule, its state and its moves."""
