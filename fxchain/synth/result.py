"""What a search for a patch gives, and its files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.files.atomic import publishing
from fxchain.files.audio_output import write_audio
from fxchain.notes.midi_file import write_notes
from fxchain.notes.note import Note
from fxchain.synth.patch.patch_file import PatchFile

PATCH_FILE = "patch.json"
SCRIPT_FILE = "play.py"
EFFECTS_FILE = "board.py"
AUDIO_FILE = "matched.wav"
NOTES_FILE = "notes.mid"
METRICS_FILE = "metrics.json"
REPORT_FILE = "report.html"


@dataclass(frozen=True, eq=False)
class SynthMatch:
    """A patch that plays notes as a recording does.

    Attributes:
        patch: voice and effects, or a drum
        notes: what it plays
        metrics: what `metrics.json` holds
        matched: (channels, samples), all notes played by the patch
        sample_rate: Hz, of the recording
        script: the source of `play.py`
        page: that of `report.html`
        interrupted: the search was stopped early
    """

    patch: PatchFile
    notes: tuple[Note, ...]
    metrics: dict[str, Any]
    matched: np.ndarray
    sample_rate: int
    script: str
    page: str
    interrupted: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """Return the names of what is written."""
        board = () if self.patch.preset is None else (EFFECTS_FILE,)
        return (PATCH_FILE, SCRIPT_FILE, *board, AUDIO_FILE, NOTES_FILE, METRICS_FILE, REPORT_FILE)

    def write(self, folder: str | Path, force: bool = False) -> None:
        """Write all files, or none.

        Args:
            folder: where; made when it is missing
            force: replace files of these names in a folder that has files in it

        Raises:
            OutputError: the folder has files in it and `force` is off, or cannot be written.
        """
        with publishing(folder, force) as staging:
            self.patch.save(staging / PATCH_FILE)
            texts = {SCRIPT_FILE: self.script, REPORT_FILE: self.page}
            preset = self.patch.preset
            if preset is not None:
                texts[EFFECTS_FILE] = preset.to_python()
            texts[METRICS_FILE] = (
                json.dumps(self.metrics, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
            )
            for name, text in texts.items():
                (staging / name).write_text(text, encoding="utf-8", newline="\n")
            write_audio(staging / AUDIO_FILE, self.matched, self.sample_rate)
            write_notes(staging / NOTES_FILE, self.notes)
