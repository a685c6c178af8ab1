"""A voice with effects behind it as one position in the unit cube, and which of them it needs."""
