"""What a match gives: a preset, its figures, and the files of both."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.files.atomic import publishing
from fxchain.files.audio_output import write_audio
from fxchain.preset import Preset
from fxchain.report.content import Comparison, ReportContent
from fxchain.session.front import FRONT_FILE, Front

PRESET_FILE = "preset.json"
BOARD_FILE = "board.py"
AUDIO_FILE = "matched.wav"
METRICS_FILE = "metrics.json"
REPORT_FILE = "report.html"


@dataclass(frozen=True, eq=False)
class Match:
    """A chain that turns a dry recording into a wet one.

    Attributes:
        preset: the chain with its settings
        metrics: what `metrics.json` holds: the figures of the exported board and the baselines,
            how certain each knob is, latency, polarity, warnings, settings, seed, versions
        history: one entry a step of the search: phase, loss, step, seconds
        settings: what the match was asked to do
        matched: (channels, samples), the whole dry recording through the exported board; of
            several pairs the first
        sample_rate: Hz, of the dry recording
        interrupted: the search was stopped early
        matched_files: of several pairs (`match_pairs`) the name of each one's file and its
            (channels, samples); empty for a single pair
        title: what the report is called, such as the name of the wet file
        comparisons: the tracks that the report compares; `scenes` is their name of before
        front: simpler and more accurate chains; None where there is none but this one
    """

    preset: Preset
    metrics: dict[str, Any]
    history: list[dict[str, float | str]]
    settings: dict[str, Any]
    matched: np.ndarray
    sample_rate: int
    interrupted: bool = False
    matched_files: Mapping[str, np.ndarray] = field(default_factory=dict)
    title: str = "a match"
    comparisons: tuple[Comparison, ...] = ()
    front: Front | None = None

    @property
    def scenes(self) -> tuple[Comparison, ...]:
        """Return `comparisons` under their earlier name."""
        return self.comparisons

    @property
    def audio(self) -> Mapping[str, np.ndarray]:
        """Return what is written as audio: names of files and (channels, samples)."""
        return self.matched_files or {AUDIO_FILE: self.matched}

    @property
    def files(self) -> tuple[str, ...]:
        """Return the names of what is written, without the report."""
        found = (PRESET_FILE, BOARD_FILE, *self.audio, METRICS_FILE)
        return found if self.front is None else (*found, FRONT_FILE)

    def content(self) -> ReportContent:
        """Return what the report is made of."""
        return ReportContent(
            title=self.title,
            preset=self.preset,
            metrics=self.metrics,
            sample_rate=self.sample_rate,
            comparisons=self.comparisons,
            history=self.history,
            files=self.files,
        )

    def write(
        self, folder: str | Path, force: bool = False, checkpoint: Path | None = None
    ) -> None:
        """Write preset.json, board.py, matched.wav, metrics.json and report.html, all or none.

        Of several pairs each has its own `matched-ID.wav`. Where there are other chains to choose
        from, front.json holds them.

        Args:
            folder: where; made when it is missing
            force: replace files of these names in a folder that has files in it
            checkpoint: the file in the folder in which the search left its state; it stays
                beside the results of an interrupted search and goes with a finished one. What was
                written there before the search was interrupted is replaced

        Raises:
            OutputError: the folder has files in it and `force` is off, or cannot be written.
        """
        from fxchain.report.page import render_report

        own = []
        if checkpoint is not None and checkpoint.is_file():
            names = [PRESET_FILE, BOARD_FILE, METRICS_FILE, REPORT_FILE, FRONT_FILE]
            own = [checkpoint.name, *names, *self.audio]
        with publishing(folder, force, own) as staging:
            self.preset.save(staging / PRESET_FILE)
            (staging / BOARD_FILE).write_text(
                self.preset.to_python(), encoding="utf-8", errors="replace", newline="\n"
            )
            for name, samples in self.audio.items():
                write_audio(staging / name, samples, self.sample_rate)
            text = json.dumps(self.metrics, indent=2, allow_nan=False, ensure_ascii=False)
            (staging / METRICS_FILE).write_text(
                text + "\n", encoding="utf-8", errors="replace", newline="\n"
            )
            if self.front is not None:
                text = self.front.to_json(Path(folder))
                (staging / FRONT_FILE).write_text(text, encoding="utf-8", newline="\n")
            page = render_report(self.content())
            (staging / REPORT_FILE).write_text(page, encoding="utf-8", newline="\n")
            if own and self.interrupted and checkpoint is not None:
                shutil.copyfile(checkpoint, staging / checkpoint.name)
