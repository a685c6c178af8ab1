"""A plug-in of another maker (VST3, Audio Unit), called as a plugin of pedalboard is.

It is loaded on the thread that calls first, which must be the main thread of its process.
"""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pedalboard

#: Silence that is played first: plug-ins glide from one setting to the next.
SETTLING_SAMPLES = 32_768
#: Silence with which a plug-in is told its settings, before it is reset.
FIRST_BLOCK_SAMPLES = 64
#: What a plug-in is given at a time; some compute other samples in blocks of another size.
BUFFER_SAMPLES = 8_192
#: Where plug-ins are installed, for those that are not where they were.
PLUGIN_FOLDERS = (
    "~/.vst3",
    "/usr/lib/vst3",
    "/usr/local/lib/vst3",
    "~/Library/Audio/Plug-Ins/VST3",
    "/Library/Audio/Plug-Ins/VST3",
    "~/Library/Audio/Plug-Ins/Components",
    "/Library/Audio/Plug-Ins/Components",
    "C:/Program Files/Common Files/VST3",
)


def plugin_sha256(path: str | Path) -> str:
    """Return the SHA-256 of a plug-in: of a folder, of the names and contents of its files."""
    path = Path(path)
    digest = hashlib.sha256()
    if path.is_file():
        digest.update(path.read_bytes())
        return digest.hexdigest()
    for file in sorted(each for each in path.rglob("*") if each.is_file()):
        digest.update(file.relative_to(path).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def find_plugin(file: str, name: str, sha256: str) -> str:
    """Return where a plug-in lies: where it was, or in a folder for plug-ins.

    Raises:
        ValueError: it is missing, or another plug-in has its place.
    """
    folders = [Path(folder).expanduser() for folder in PLUGIN_FOLDERS]
    places = [Path(file), *(folder / Path(file).name for folder in folders)]
    there = [place for place in places if place.exists()]
    if not there:
        raise ValueError(
            f"the plug-in {name} is missing: there is no {file}, nor is {Path(file).name} in a "
            "folder for plug-ins; install it"
        )
    for place in there:
        if plugin_sha256(place) == sha256:
            return str(place)
    raise ValueError(
        f"the plug-in {name} in {there[0]} is another one, or another version, than the preset "
        "was made with (its SHA-256 differs); install that version"
    )


class ExternalPlugin:
    """A plug-in with its state and its settings.

    Args:
        file: where it lies
        name: which of those in the file
        sha256: of the file
        state: base64 of the plug-in's own state; empty: as it is loaded
        settings: the positions of its parameters, 0 to 1 each, by name
    """

    def __init__(
        self, file: str, name: str, sha256: str, state: str, settings: Mapping[str, float]
    ) -> None:
        self.file = find_plugin(file, name, sha256) if sha256 else file
        self.name, self.state = name, base64.b64decode(state)
        self.settings = dict(settings)
        self.loaded: list[Any] = []
        self.one_by_one = False
        self.settled_channels = 0
        self.settling_samples = SETTLING_SAMPLES

    def set(self, settings: Mapping[str, float]) -> None:
        """Change the positions of parameters."""
        self.settings.update(settings)
        for each in self.loaded:
            self._apply(each)
        self.reset()

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """Play (channels, samples); a plug-in for one channel plays each for itself."""
        audio = np.asarray(audio, dtype=np.float32)
        if reset or self.settled_channels != len(audio):
            self._settle(len(audio), sample_rate)
        return self._run(audio, sample_rate, reset=False)

    def reset(self) -> None:
        """Forget all audio played so far."""
        self.settled_channels = 0

    def _settle(self, channels: int, sample_rate: float) -> None:
        """Play silence, from which the plug-in begins as if it had never played.

        A short block is played first. It takes the settings to the plug-in: in the first block
        behind a reset they may be lost where they are defaults.
        """
        self._load(1)
        silence = np.zeros((channels, self.settling_samples), dtype=np.float32)
        first = silence[:, :FIRST_BLOCK_SAMPLES]
        try:
            self._run(first, sample_rate, reset=False)
        except ValueError:  # another number of channels
            self.one_by_one = not self.one_by_one
            self._load(channels)
            self._run(first, sample_rate, reset=False)
        self._run(silence, sample_rate, reset=True)
        self.settled_channels = channels

    def _run(self, audio: np.ndarray, sample_rate: float, reset: bool) -> np.ndarray:
        if not self.one_by_one:
            return self._whole(self.loaded[0], audio, sample_rate, reset)
        if len(audio) == 1:  # a plug-in for two channels
            both = np.repeat(audio, 2, axis=0)
            return self._whole(self.loaded[0], both, sample_rate, reset)[:1]
        pairs = zip(self.loaded, audio, strict=False)
        rows = [self._whole(each, row[None], sample_rate, reset) for each, row in pairs]
        return np.concatenate(rows)

    @staticmethod
    def _whole(plugin: Any, audio: np.ndarray, sample_rate: float, reset: bool) -> np.ndarray:
        played = plugin(audio, sample_rate, buffer_size=BUFFER_SAMPLES, reset=reset)
        return np.asarray(played, dtype=np.float32)

    def _load(self, count: int) -> None:
        while len(self.loaded) < count:
            made: Any = pedalboard.load_plugin(self.file, plugin_name=self.name or None)
            if self.state:
                made.raw_state = self.state
            self._apply(made)
            self.loaded.append(made)

    def _apply(self, plugin: Any) -> None:
        known = plugin.parameters
        for name, position in self.settings.items():
            known[name].raw_value = position
