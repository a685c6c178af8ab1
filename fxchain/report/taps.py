"""Input and output of every effect in a chain."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.preset import Preset
from fxchain.stage import Effect

Play = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Tap:
    """The signals at one effect.

    Attributes:
        input: (channels, samples)
        output: (channels, samples)
        sample_rate: Hz
    """

    input: np.ndarray
    output: np.ndarray
    sample_rate: int


class _Tapper:
    """A visitor that makes a function of each stage, which plays audio and stores its taps."""

    def __init__(self, sample_rate: int, skip: int) -> None:
        self._sample_rate, self._skip = sample_rate, skip
        self.taps: dict[str, Tap] = {}

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Play:
        """Return the function of one effect."""
        board = Preset(effect, values, self._sample_rate).board(self._sample_rate)

        def play(audio: np.ndarray) -> np.ndarray:
            output = np.asarray(board(audio, self._sample_rate))
            skip = self._skip
            self.taps[path] = Tap(audio[:, skip:], output[:, skip:], self._sample_rate)
            return output

        return play

    def chain(self, stages: Sequence[Play], path: str) -> Play:
        """Return the function of stages in series."""

        def play(audio: np.ndarray) -> np.ndarray:
            for stage in stages:
                audio = stage(audio)
            return audio

        return play

    def mix(self, branches: Sequence[tuple[float, Play]], path: str) -> Play:
        """Return the function of the weighted sum."""

        def play(audio: np.ndarray) -> np.ndarray:
            total = np.zeros_like(audio)
            for weight, branch in branches:
                total += np.float32(weight) * branch(audio)
            return total

        return play

    def channels(self, branches: Sequence[Play], path: str) -> Play:
        """Return the function that plays each channel through its own stages."""

        def play(audio: np.ndarray) -> np.ndarray:
            output = np.empty_like(audio)
            for first, branch in enumerate(branches[: len(audio)]):
                heard = np.ascontiguousarray(audio[first :: len(branches)])
                output[first :: len(branches)] = branch(heard)
            return output

        return play


def tap_chain(
    preset: Preset, audio: np.ndarray, sample_rate: int, skip: int = 0
) -> Mapping[str, Tap]:
    """Play audio through a preset and return the signals at each effect, by its path.

    Args:
        preset: the chain
        audio: (channels, samples)
        sample_rate: Hz
        skip: samples at the start that are played but not returned
    """
    tapper = _Tapper(sample_rate, skip)
    preset.stage.visit(tapper, preset.values)(np.ascontiguousarray(audio, np.float32))
    return tapper.taps
