"""The patch of a drum, as a file."""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fxchain.synth.drum.playing import Drum, Part
from fxchain.synth.drum.sources import DRUM_SOURCES
from fxchain.synth.patch.controls import WEIGHT
from fxchain.synth.patch.document import PatchFile, complete, source_row


class DrumNode(BaseModel):
    """A source of a drum.

    Attributes:
        source: its kind, e.g. `swept_sine`
        weight: its factor, 0 to 1
        parameters: its controls, by name; left out: defaults
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    weight: float = 1.0
    parameters: dict[str, float] = Field(default_factory=dict)

    @field_validator("source")
    @classmethod
    def _known(cls, source: str) -> str:
        if source not in DRUM_SOURCES:
            raise ValueError(f"there is no source {source!r}; there are {', '.join(DRUM_SOURCES)}")
        return source

    def model_post_init(self, context: Any) -> None:
        """Check weight and parameters against their ranges."""
        complete((WEIGHT,), {"weight": self.weight})
        object.__setattr__(
            self, "parameters", complete(DRUM_SOURCES[self.source].parameters, self.parameters)
        )


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

    format: Literal["fxchain-drum"] = "fxchain-drum"
    version: Literal[1] = 1
    level_db: float = Field(default=0.0, ge=-120.0, le=60.0)
    noise_seed: int = Field(default=0, ge=0)
    sources: tuple[DrumNode, ...] = Field(min_length=1)

    def rows(self) -> list[tuple[str, str, str]]:
        """Return name, weight and controls of each source as text."""
        return [source_row(each.source, each.weight, each.parameters) for each in self.sources]

    @property
    def drum(self) -> Drum:
        """Return what is hit, with its level."""
        gain = 10.0 ** (self.level_db / 20.0)
        return Drum(
            tuple(
                Part(DRUM_SOURCES[each.source].sound, gain * each.weight, each.parameters)
                for each in self.sources
            ),
            self.noise_seed,
        )
