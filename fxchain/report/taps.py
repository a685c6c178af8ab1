"""What every effect of a chain hears and makes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.preset import Preset
from fxchain.stage import Effect

Play = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Tap:
    """One effect at work.

    Attributes:
        heard: (channels, samples), what goes in
        made: (channels, samples), what comes out
        sample_rate: Hz
    """

    heard: np.ndarray
    made: np.ndarray
    sample_rate: int


class _Tapper:
    """Makes of each stage a function that plays audio and remembers what its effects heard."""

    def __init__(self, sample_rate: int, skip: int) -> None:
        self._sample_rate, self._skip = sample_rate, skip
        self.taps: dict[str, Tap] = {}

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Play:
        """Return what plays one effect."""
        board = Preset(effect, values, self._sample_rate).board(self._sample_rate)

        def play(audio: np.ndarray) -> np.ndarray:
            made = np.asarray(board(audio, self._sample_rate))
            skip = self._skip
            self.taps[path] = Tap(audio[:, skip:], made[:, skip:], self._sample_rate)
            return made

        return play

    def chain(self, stages: Sequence[Play], path: str) -> Play:
        """Return what plays stages one after the other."""

        def play(audio: np.ndarray) -> np.ndarray:
            for stage in stages:
                audio = stage(audio)
            return audio

        return play

    def mix(self, branches: Sequence[tuple[float, Play]], path: str) -> Play:
        """Return what plays branches and adds them."""

        def play(audio: np.ndarray) -> np.ndarray:
            total = np.zeros_like(audio)
            for weight, branch in branches:
                total += np.float32(weight) * branch(audio)
            return total

        return play


def tap_chain(
    preset: Preset, audio: np.ndarray, sample_rate: int, skip: int = 0
) -> Mapping[str, Tap]:
    """Play audio through a preset and return what each effect heard, by its path.

    Args:
        preset: the chain
        audio: (channels, samples)
        sample_rate: Hz
        skip: samples at the start that are played but left out
    """
    tapper = _Tapper(sample_rate, skip)
    preset.stage.visit(tapper, preset.values)(np.ascontiguousarray(audio, np.float32))
    return tapper.taps
