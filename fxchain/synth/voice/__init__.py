"""How a voice sounds, in numpy or torch: `xp` is either, so that both compute the same formulas.

Every module here imports numpy and the standard library alone: the text of each is part of
`play.py`.
"""
