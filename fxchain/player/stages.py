"""Stages that pedalboard does not have, and the series and sums that hold them.

A Python stage cannot stand inside a `pedalboard.Pedalboard`, so what surrounds it is played here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pedalboard

from fxchain.player.asset import Asset
from fxchain.player.playback import Playback


class NumpyStage:
    """A function `(audio, playback, **knobs) -> audio`, called as a plugin is.

    It keeps its position, how many samples have been played since the last reset, and what the
    function leaves in `playback.state`.
    """

    def __init__(
        self,
        function: Callable[..., np.ndarray],
        assets: Mapping[str, Asset] | None = None,
        **knobs: float,
    ) -> None:
        self.function = function
        self.assets = assets or {}
        self.knobs = knobs
        self.position = 0
        self.state: dict[str, Any] = {}

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """Play (channels, samples) that follow what was played before, or, reset, begin anew."""
        if reset:
            self.reset()
        playback = Playback(sample_rate, self.position, assets=self.assets, state=self.state)
        self.position += audio.shape[-1]
        return np.asarray(self.function(audio, playback, **self.knobs), dtype=np.float32)

    def reset(self) -> None:
        """Return to the beginning of the recording."""
        self.position, self.state = 0, {}


class Whole:
    """A plugin that is late: it plays recordings whole, at once, and takes back its latency.

    In blocks it would give fewer samples than it is given, and in a Mix it would be late.
    """

    whole = True

    def __init__(self, plugin: Any) -> None:
        self.plugin = plugin

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """Play (channels, samples), a whole recording."""
        if not reset:
            raise ValueError(f"{type(self.plugin).__name__} plays recordings whole, not in blocks")
        return np.asarray(self.plugin(audio, sample_rate, buffer_size, True), dtype=np.float32)

    def reset(self) -> None:
        """Do nothing: every recording begins anew."""


class Series:
    """Stages one after another; neighbouring plugins are played as one Pedalboard."""

    def __init__(self, stages: Sequence[Any]) -> None:
        self.segments: list[Any] = []
        for stage in stages:
            if not isinstance(stage, pedalboard.Plugin):
                self.segments.append(stage)
            elif self.segments and isinstance(self.segments[-1], pedalboard.Pedalboard):
                self.segments[-1].append(stage)
            else:
                self.segments.append(pedalboard.Pedalboard([stage]))
        self.whole = any(getattr(segment, "whole", False) for segment in self.segments)

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """Play (channels, samples), as a Pedalboard does."""
        audio = np.asarray(audio, dtype=np.float32)
        for segment in self.segments:
            audio = segment(audio, sample_rate, buffer_size, reset)
        return audio

    def reset(self) -> None:
        """Forget all audio played so far."""
        for segment in self.segments:
            segment.reset()


class Sum:
    """Stages side by side; their outputs are added."""

    def __init__(self, branches: Sequence[Any]) -> None:
        self.branches = list(branches)
        self.whole = any(getattr(branch, "whole", False) for branch in self.branches)

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """Play (channels, samples), as a Pedalboard does."""
        outputs = [branch(audio, sample_rate, buffer_size, reset) for branch in self.branches]
        return np.asarray(np.sum(outputs, axis=0, dtype=np.float32))

    def reset(self) -> None:
        """Forget all audio played so far."""
        for branch in self.branches:
            branch.reset()


class PerChannel:
    """Stages of which each plays a channel of its own; the first one again after the last."""

    def __init__(self, branches: Sequence[Any]) -> None:
        self.branches = list(branches)

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """Play (channels, samples), as a Pedalboard does."""
        output = np.empty(audio.shape, dtype=np.float32)
        for first, branch in enumerate(self.branches[: len(audio)]):
            heard = np.ascontiguousarray(audio[first :: len(self.branches)], dtype=np.float32)
            output[first :: len(self.branches)] = branch(heard, sample_rate, buffer_size, reset)
        return output

    def reset(self) -> None:
        """Forget all audio played so far."""
        for branch in self.branches:
            branch.reset()
