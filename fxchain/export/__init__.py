"""A chain in another form: one visitor each."""
