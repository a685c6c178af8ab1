"""What every player is told about the audio it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fxchain.player.asset import Asset


@dataclass(frozen=True, eq=False)
class Playback:
    """The sample rate of the audio, where it begins in its recording, and what goes with it.

    Torch, numpy and pedalboard players are given the same: a time-varying effect has the same
    phase at the same sample of a recording, whether the whole of it is played, a block or an
    excerpt.

    Attributes:
        sample_rate: Hz
        first_sample: position of the first sample in the recording, samples
        notes: what a sound source plays; empty for effects
        assets: of the stage that is played, by name
        recording: number of the recording, of several that a chain was found from; values of its
            own belong to each
        rounded: filters are computed in float32, with pedalboard's bits; where not, in float64:
            their output is smooth in the controls, which rounded coefficients of low frequencies
            change in steps
        state: what a player with memory leaves for the block that follows; empty at the start
    """

    sample_rate: float
    first_sample: int = 0
    notes: tuple[Any, ...] = ()
    assets: Mapping[str, Asset] = field(default_factory=dict)
    recording: int = 0
    rounded: bool = True
    state: dict[str, Any] = field(default_factory=dict)

    def with_assets(self, assets: Mapping[str, Asset]) -> "Playback":
        """Return the same with the assets of a stage."""
        return replace(self, assets=assets) if assets or self.assets else self
