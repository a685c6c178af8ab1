"""Searches over the unit cube; nothing here knows about audio."""
