"""The patch of a drum, as a file."""

from typing import ClassVar, Literal

from pydantic import Field

from fxchain.synth.drum.playing.hits import Drum, Part
from fxchain.synth.drum.sources import DRUM_SOURCES
from fxchain.synth.patch.patch_file import PatchFile
from fxchain.synth.patch.weighted_source import WeightedSource


class DrumNode(WeightedSource):
    """A source of a drum."""

    KINDS = DRUM_SOURCES


class DrumPatch(PatchFile):
    """A drum that is hit by notes.

    Attributes:
        format: names the format
        version: of the format
        level_db: gain, dB
        noise_seed: of its noise
        sources: what is summed
    """

    FORMAT: ClassVar[str] = "fxchain-drum"
    OF: ClassVar[str] = "one drum"
    COMMAND: ClassVar[str] = "fxchain synth match --drum"

    format: Literal["fxchain-drum"] = "fxchain-drum"
    version: Literal[1] = 1
    level_db: float = Field(default=0.0, ge=-120.0, le=60.0)
    noise_seed: int = Field(default=0, ge=0)
    sources: tuple[DrumNode, ...] = Field(min_length=1)

    @property
    def nodes(self) -> tuple[DrumNode, ...]:
        """Return its sources."""
        return self.sources

    @property
    def drum(self) -> Drum:
        """Return what is hit, with its level."""
        gain = 10.0 ** (self.level_db / 20.0)
        return Drum(
            tuple(
                Part(kind.sound, gain * each.weight, each.parameters, kind.noisy)
                for each, kind in ((each, DRUM_SOURCES[each.source]) for each in self.sources)
            ),
            self.noise_seed,
        )
