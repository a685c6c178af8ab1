"""What a match gives: a preset, its figures, and the files of both."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.atomic import publishing
from fxchain.audio_output import write_audio
from fxchain.preset import Preset

PRESET_FILE = "preset.json"
BOARD_FILE = "board.py"
AUDIO_FILE = "matched.wav"
METRICS_FILE = "metrics.json"


@dataclass(frozen=True, eq=False)
class Match:
    """A chain that turns a dry recording into a wet one.

    Attributes:
        preset: the chain with its settings
        metrics: what `metrics.json` holds: the figures of the exported board and the baselines,
            how certain each knob is, latency, polarity, warnings, settings, seed, versions
        history: one entry a step of the search: phase, loss, step, seconds
        settings: what the match was asked to do
        matched: (channels, samples), the whole dry recording through the exported board
        sample_rate: Hz, of the dry recording
        interrupted: the search was stopped early
    """

    preset: Preset
    metrics: dict[str, Any]
    history: list[dict[str, float | str]]
    settings: dict[str, Any]
    matched: np.ndarray
    sample_rate: int
    interrupted: bool = False

    def write(self, folder: str | Path, force: bool = False) -> None:
        """Write preset.json, board.py, matched.wav and metrics.json, all complete or none.

        Args:
            folder: where; made when it is missing
            force: replace files of these names in a folder that has files in it

        Raises:
            OutputError: the folder has files in it and `force` is off, or cannot be written.
        """
        with publishing(folder, force) as staging:
            self.preset.save(staging / PRESET_FILE)
            (staging / BOARD_FILE).write_text(
                self.preset.to_python(), encoding="utf-8", newline="\n"
            )
            write_audio(staging / AUDIO_FILE, self.matched, self.sample_rate)
            text = json.dumps(self.metrics, indent=2, allow_nan=False, ensure_ascii=False)
            (staging / METRICS_FILE).write_text(text + "\n", encoding="utf-8", newline="\n")
