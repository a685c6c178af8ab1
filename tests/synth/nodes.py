"""Sources of a patch, by their kinds."""

from fxchain.synth.sources import SOURCES

#: A measured wave of five harmonics.
CYCLE = [[0.2, 0.7], [-0.3, 0.1], [0.0, 0.25], [0.1, 0.0], [0.02, -0.1]]


def node(kind: str, **values) -> dict:
    """Return a source as it stands in a patch; a measured one with a wave."""
    measured = {"cycle": CYCLE} if SOURCES[kind].measured else {}
    return {"source": kind, **measured, **values}
