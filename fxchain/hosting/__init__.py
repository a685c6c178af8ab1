"""Plug-ins of other makers: what they state, what they do, and the processes that play them."""
