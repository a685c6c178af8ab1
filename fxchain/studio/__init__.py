"""The studio: a local web page that finds chains, and plays with them.

A job is a folder; its match runs in a process of its own and goes on when the page is left.
"""
