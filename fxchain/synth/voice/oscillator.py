"""A voice: sources with weights, and the controls that shape their sum."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Oscillator:
    """One source of a voice.

    Attributes:
        coefficients: of its waveform, see `Source`; None: noise
        octave: −1, 0 or 1 relative to the note
        weight: its factor in the sum
        values: of its own controls, by name
    """

    coefficients: Callable[..., Any] | None
    octave: int
    weight: Any
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Voice:
    """What plays a note: filter(Σ weight · source) · envelope.

    Attributes:
        oscillators: the sources
        controls: values of the controls all sources share, by name
        noise_seed: of the noise
    """

    oscillators: tuple[Oscillator, ...]
    controls: Mapping[str, Any]
    noise_seed: int = 0


def detached(value: Any) -> Any:
    """Return a number or an array without the graph of its derivatives, where it has one."""
    return value.detach() if hasattr(value, "detach") else value
