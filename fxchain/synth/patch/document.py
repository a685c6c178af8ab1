"""The patch: a voice and the effects behind it, as a file."""

import operator
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, FiniteFloat, field_validator, model_validator

from fxchain.preset import Preset
from fxchain.synth.patch.drawn_cycle import drawn_cycle
from fxchain.synth.patch.patch_file import PatchFile
from fxchain.synth.patch.weighted_source import WeightedSource, complete
from fxchain.synth.sources import SOURCES
from fxchain.synth.sources.controls import CONTROLS
from fxchain.synth.voice.oscillator import Oscillator, Voice

#: Harmonics of a measured wave, at most.
MOST_HARMONICS = 1_024


class SourceNode(WeightedSource):
    """A source of a voice.

    Attributes:
        octave: −1, 0 or 1 relative to the note
        cycle: of a measured wave the amplitudes (a, b) of a·cos(nφ) + b·sin(nφ), n from 1 on
    """

    KINDS = SOURCES

    octave: Literal[-1, 0, 1] = 0
    cycle: tuple[tuple[FiniteFloat, FiniteFloat], ...] = Field(
        default=(), max_length=MOST_HARMONICS, exclude_if=operator.not_
    )

    @model_validator(mode="after")
    def _measured(self) -> Self:
        if bool(self.cycle) != SOURCES[self.source].measured:
            wanted = "needs" if SOURCES[self.source].measured else "has no"
            raise ValueError(f"{self.source} {wanted} cycle")
        return self

    @property
    def coefficients(self) -> tuple[complex, ...]:
        """Return the Fourier coefficients of a measured wave."""
        return tuple(complex(cosine, -sine) for cosine, sine in self.cycle)

    def row(self) -> tuple[str, str, str]:
        """Return name, weight and controls as text, of a measured wave its picture."""
        name, weight, own = super().row()
        return name, weight, drawn_cycle(self.coefficients) if self.cycle else own

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"{self.source} {self.octave:+d} octave" if self.octave else self.source


class Patch(PatchFile):
    """A voice that plays notes, and the effects behind it.

    Attributes:
        format: names the format
        version: of the format
        level_db: gain of the voice, dB
        noise_seed: of its noise
        sources: what is summed
        controls: values of the controls in `fxchain/synth/sources/controls.py`; left out: defaults
        effects: a preset as in `preset.json`; None: no effects
    """

    FORMAT: ClassVar[str] = "fxchain-patch"
    OF: ClassVar[str] = "a voice"
    COMMAND: ClassVar[str] = "fxchain synth match"

    format: Literal["fxchain-patch"] = "fxchain-patch"
    version: Literal[1] = 1
    level_db: float = Field(default=0.0, ge=-120.0, le=60.0)
    noise_seed: int = Field(default=0, ge=0)
    sources: tuple[SourceNode, ...] = Field(min_length=1)
    controls: dict[str, float] = Field(default_factory=dict, validate_default=True)
    effects: dict[str, Any] | None = None

    @field_validator("controls")
    @classmethod
    def _in_range(cls, controls: dict[str, float]) -> dict[str, float]:
        return complete(CONTROLS, controls)

    @property
    def voice(self) -> Voice:
        """Return what plays the notes, with its level."""
        gain = 10.0 ** (self.level_db / 20.0)
        return Voice(
            tuple(
                Oscillator(
                    SOURCES[each.source].of_cycle(each.coefficients),
                    each.octave,
                    gain * each.weight,
                    each.parameters,
                )
                for each in self.sources
            ),
            self.controls,
            self.noise_seed,
        )

    @property
    def preset(self) -> Preset | None:
        """Return the effects behind the voice."""
        import json

        if self.effects is None:
            return None
        return Preset.from_json(json.dumps(self.effects), name="the effects of the patch")

    @property
    def nodes(self) -> tuple[SourceNode, ...]:
        """Return its sources."""
        return self.sources

    def shared(self) -> list[tuple[str, float, str]]:
        """Return name, value and unit of each control that all sources share."""
        return [(each.name, self.controls[each.name], each.unit) for each in CONTROLS]

    def lines(self) -> list[str]:
        """Return its sources and controls as lines of text."""
        return super().lines() + [f"{name:<28} {it:.4g}" for name, it in self.controls.items()]

    def check_parts(self) -> None:
        """Refuse effects that are no preset."""
        _ = self.preset
