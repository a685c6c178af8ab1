"""Dry and wet recordings: loading, pairing, the held-out split, checks, manifests."""
