"""A stage as something that plays: pedalboard, with numpy stages between where it has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pedalboard

from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY
from fxchain.player import NumpyStage, PerChannel, Playback, Series, Sum, Whole, weight
from fxchain.stage import Effect


@dataclass(frozen=True)
class Built:
    """Stages in series, ready to play.

    Attributes:
        stages: pedalboard plugins and what is called as they are
        plain: all of them are plugins
    """

    stages: tuple[Any, ...]
    plain: bool

    def board(self) -> Any:
        """Return a Pedalboard, or a Series when a stage is no plugin."""
        return pedalboard.Pedalboard(list(self.stages)) if self.plain else Series(self.stages)


class BoardBuilder:
    """Builds the stages of a board; `script.Writer` writes exactly these calls down."""

    def __init__(self, sample_rate: float) -> None:
        self._playback = Playback(sample_rate)

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Built:
        """Return an effect's plugin or numpy stage."""
        render = effect.primitive.render
        if effect.primitive.plugin is None and render is not None:
            played = NumpyStage(render, effect.assets, **self._clamped(effect, values))
            return Built((played,), plain=False)
        plugin = effect.plugin(self._playback, values, path)
        if effect.primitive.whole:
            return Built((Whole(plugin),), plain=False)
        return Built((plugin,), plain=effect.primitive.in_pedalboard)

    def _clamped(self, effect: Effect, values: np.ndarray) -> dict[str, float]:
        """Return the values by name, frequencies kept below what the sample rate allows."""
        limit = HIGHEST_FREQUENCY * self._playback.sample_rate
        units = {spec.name: spec.unit for spec in effect.primitive.parameters}
        named = effect.arguments(values)
        return {k: min(v, limit) if units[k] == "Hz" else v for k, v in named.items()}

    def chain(self, stages: Sequence[Built], path: str) -> Built:
        """Return a chain as one stage; at the top `board` unpacks it."""
        joined = tuple(item for stage in stages for item in stage.stages)
        return Built(joined, all(stage.plain for stage in stages))

    def mix(self, branches: Sequence[tuple[float, Built]], path: str) -> Built:
        """Return a sum whose branches end with their weights."""
        plain = all(branch.plain for _, branch in branches)
        series: type = pedalboard.Chain if plain else Series
        total: type = pedalboard.Mix if plain else Sum
        parts = [series([*branch.stages, *weight(value)]) for value, branch in branches]
        return Built((total(parts),), plain)

    def channels(self, branches: Sequence[Built], path: str) -> Built:
        """Return what plays each channel through a board of its own."""
        return Built((PerChannel([Series(branch.stages) for branch in branches]),), plain=False)
