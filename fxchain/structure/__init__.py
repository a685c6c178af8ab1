"""Chains as structures: candidates, templates, edits, named chains."""
