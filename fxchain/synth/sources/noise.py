"""White noise."""

from fxchain.synth.sources.base import Source

SOURCE = Source("noise", "Noise", None)
