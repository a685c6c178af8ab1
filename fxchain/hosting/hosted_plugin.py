"""A plug-in in another process, called as a plugin of pedalboard is."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.errors import PluginError
from fxchain.hosting.description import PluginDescription, split_name
from fxchain.hosting.plugin_process import (
    LOADING_SECONDS,
    PLAYING_SECONDS,
    SECONDS_PER_SECOND,
    PluginGone,
    PluginProcess,
    ask,
    give_back,
    take,
)
from fxchain.player.external_plugin import SETTLING_SAMPLES

#: How the names of files with plug-ins end.
SUFFIXES = (".vst3", ".component")


class HostedPlugin:
    """A plug-in with its values.

    Audio that begins anew may be played by any process; audio that follows other audio is played
    by the process that played that, which is this object's own until it is reset.

    Args:
        description: of the plug-in
        values: of its knobs, by name
        settling_samples: length of the silence that is played first; None: that of a preset
    """

    def __init__(
        self,
        description: PluginDescription,
        values: Mapping[str, float],
        settling_samples: int | None = None,
    ) -> None:
        self.description = description
        self.settling_samples = settling_samples or SETTLING_SAMPLES
        self.settings = description.positions(values)
        self._own: PluginProcess | None = None
        self._begins = True
        self._guard = threading.Lock()

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """Play (channels, samples).

        Raises:
            PluginError: the plug-in is missing or another one, hung or crashed.
        """
        audio = np.ascontiguousarray(audio, dtype=np.float32)
        limit = PLAYING_SECONDS + SECONDS_PER_SECOND * audio.shape[1] / sample_rate
        about = f"{self.description.name} at {sample_rate:g} Hz"
        if reset:
            played = ask(about, "play", self._arguments(audio, sample_rate, True), limit)
        else:
            played = self._continued(about, audio, sample_rate, limit)
        return np.asarray(played, dtype=np.float32)

    @staticmethod
    def play_each(
        plugins: Sequence["HostedPlugin"], signals: Sequence[np.ndarray], sample_rate: float
    ) -> list[np.ndarray]:
        """Play each signal from silence with a plug-in of its own, all by one process.

        Args:
            plugins: of one description
            signals: (channels, samples) each; one that several share is sent once
            sample_rate: Hz

        Returns:
            (channels, samples) float32 each; NaN where the plug-in hung or crashed
        """
        known, settings = plugins[0].description, [plugin.settings for plugin in plugins]
        distinct = {id(signal): signal for signal in signals}
        numbers = [list(distinct).index(id(signal)) for signal in signals]
        sent = [np.ascontiguousarray(each, dtype=np.float32) for each in distinct.values()]
        about = f"{known.name} at {sample_rate:g} Hz"
        settling = plugins[0].settling_samples
        arguments = (
            known.key, settings, sent, numbers, sample_rate, settling, known.carries_over
        )  # fmt: skip
        samples = sum(signal.shape[1] for signal in signals)
        limit = PLAYING_SECONDS + SECONDS_PER_SECOND * samples / sample_rate
        try:
            found: list[np.ndarray] = ask(about, "play_each", arguments, limit)
            return found
        except PluginError:  # one of them failed: which?
            pairs = zip(plugins, signals, strict=True)
            return [plugin.played_or_nan(signal, sample_rate) for plugin, signal in pairs]

    def played_or_nan(self, audio: np.ndarray, sample_rate: float) -> np.ndarray:
        """Play (channels, samples) from silence; NaN where the plug-in hung or crashed."""
        try:
            return self(audio, sample_rate)
        except PluginError:
            return np.full_like(audio, np.nan, dtype=np.float32)

    def reset(self) -> None:
        """Forget all audio played so far."""
        self._begins = True

    def _continued(self, about: str, audio: np.ndarray, sample_rate: float, limit: float) -> Any:
        with self._guard:
            self._own = self._own or take()
            arguments = self._arguments(audio, sample_rate, self._begins)
            try:
                played = self._own.ask("play", arguments, limit)
            except PluginGone as gone:
                self._own = None
                raise PluginError(f"{about}: the plug-in {gone}; it was ended") from None
            self._begins = False
            return played

    def _arguments(self, audio: np.ndarray, sample_rate: float, begins: bool) -> tuple[Any, ...]:
        return (
            self.description.key, self.settings, audio, sample_rate, begins,
            self.settling_samples, self.description.carries_over,
        )  # fmt: skip

    def __del__(self) -> None:
        """Give its own process back."""
        if self._own is not None:
            give_back(self._own)


def inspected(file: str, name: str = "") -> PluginDescription:
    """Return what a plug-in states of itself.

    Args:
        file: where it lies
        name: which of those in the file; empty where there is one

    Raises:
        PluginError: it cannot be loaded.
    """
    found: PluginDescription = ask(file, "inspect", (file, name), LOADING_SECONDS)
    return found


def names_of(file: str) -> list[str]:
    """Return the names of the plug-ins in a file.

    Raises:
        PluginError: it is no plug-in.
    """
    found: list[str] = ask(file, "names", (file,), LOADING_SECONDS)
    return found


def plugins_in(place: str) -> list[tuple[str, str]]:
    """Return the file and the name of each plug-in in a file or in a folder of files.

    Args:
        place: `PATH`, or `PATH:NAME` for one of several in a file

    Raises:
        PluginError: there is none.
    """
    file, name = split_name(place)
    folder = Path(file)
    inside = [each for suffix in SUFFIXES for each in folder.glob(f"*{suffix}")]
    if folder.suffix in SUFFIXES or not inside:
        return [(file, each) for each in ([name] if name else names_of(file))]
    return [(str(each), "") for each in sorted(inside)]
