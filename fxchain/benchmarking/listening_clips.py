"""Clips and a configuration for a listening test in webMUSHRA."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from scipy.signal import firwin, oaconvolve

from fxchain.benchmarking.fitted import AUDIO_FILE
from fxchain.benchmarking.methods import METHODS
from fxchain.benchmarking.result_store import ResultStore
from fxchain.files.atomic import publishing
from fxchain.files.audio_input import read_audio
from fxchain.metrics.loudness import loudness_difference
from fxchain.recordings.file_names import safe_names

FOLDER = "listening-test"
CLIPS = "clips"
ANCHOR = "anchor"
REFERENCE = "reference"
KEY_FILE = "key.csv"
CONFIGURATION_FILE = "fxchain.yaml"

#: Cutoff frequency of the anchor's low-pass, Hz.
ANCHOR_HZ = 3_500.0
#: Peak of a page's loudest clip, full scale 1.
_PEAK = 0.9
#: The longest clip, and the fade at both ends, s.
_LONGEST_SECONDS = 10.0
_FADE_SECONDS = 0.01
#: The folder in which webMUSHRA looks for the clips.
_CLIP_URL = "configs/resources/fxchain"

Row = Mapping[str, Any]


def write_listening_test(
    out: Path,
    store: ResultStore,
    wets: Mapping[str, np.ndarray],
    rows: Sequence[Row],
    seed: int = 0,
) -> Path:
    """Write a page for each pair: the held-out part processed by each method, and an anchor.

    All clips of a page have the integrated loudness (ITU-R BS.1770) of the reference. Their names
    are numbers; `key.csv` lists their methods. webMUSHRA itself adds the hidden reference to the
    conditions, and shuffles them for each listener.

    Args:
        out: the folder of the results
        store: holds the processed audio
        wets: by pair, the reference: (channels, samples) of the aligned wet recording
        rows: measured ones
        seed: shuffles the clips

    Returns:
        the folder

    Raises:
        OutputError: it cannot be written.

    Source:
        ITU-R BS.1534-3 for the method and the anchor; the configuration as the experimenter's
        manual of webMUSHRA 1.4 describes it
    """
    random = np.random.default_rng(seed)
    cases = list(dict.fromkeys(row["case"] for row in rows if "error" not in row))
    key = io.StringIO()
    table = csv.writer(key, lineterminator="\n")
    table.writerow(("page", "condition", "file", "method", "case"))
    pages = []
    with publishing(out / FOLDER, force=True) as folder:
        (folder / CLIPS).mkdir()
        for page, case in zip(safe_names(cases), cases, strict=True):
            own = [row for row in rows if row["case"] == case and "error" not in row]
            clips, rate = _clips(store, wets[case], own)
            order = [name for name in clips if name != REFERENCE]
            random.shuffle(order)
            files = {REFERENCE: f"{page}-reference.wav"}
            conditions = {}
            for number, name in enumerate(order, start=1):
                files[name] = f"{page}-{number}.wav"
                conditions[f"C{number}"] = files[name]
                table.writerow((page, f"C{number}", files[name], name, case))
            for name, clip in clips.items():
                soundfile.write(folder / CLIPS / files[name], clip.T, rate, subtype="PCM_24")
            pages.append(_page(page, files[REFERENCE], conditions))
        (folder / KEY_FILE).write_text(key.getvalue(), encoding="utf-8", newline="\n")
        text = _configuration(pages)
        (folder / CONFIGURATION_FILE).write_text(text, encoding="utf-8", newline="\n")
    return out / FOLDER


def _clips(
    store: ResultStore, wet: np.ndarray, rows: Sequence[Row]
) -> tuple[dict[str, np.ndarray], int]:
    """Return reference, anchor and each method's clip, of one part and loudness; and their rate."""
    span, rate = rows[0]["held_out_samples"] or rows[0]["fitted_samples"], rows[0]["sample_rate"]
    part = slice(span[0], min(span[1], span[0] + round(_LONGEST_SECONDS * rate)))
    clips = {REFERENCE: wet[:, part], ANCHOR: _anchor(wet, rate)[:, part]}
    for row in rows:
        if METHODS[row["method"]].timed:
            path = store.folder(row["case"], row["method"]) / AUDIO_FILE
            clips[row["method"]] = read_audio(path).samples[:, part]
    reference = clips[REFERENCE]
    level = {
        name: 10 ** (-loudness_difference(reference, clip, rate) / 20)
        for name, clip in clips.items()
    }
    levelled = {name: clip * level[name] for name, clip in clips.items()}
    peak = max(float(np.abs(clip).max()) for clip in levelled.values())
    fade = _fade(reference.shape[1], rate)
    return {name: clip * fade * (_PEAK / max(peak, 1e-9)) for name, clip in levelled.items()}, rate


def _anchor(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the audio through a linear-phase low-pass at 3.5 kHz, without its delay."""
    taps = firwin(2 * round(0.005 * sample_rate) + 1, ANCHOR_HZ, fs=sample_rate)
    return np.stack([oaconvolve(channel, taps, mode="same") for channel in audio])


def _fade(samples: int, sample_rate: int) -> np.ndarray:
    """Return factors (samples,) that rise from 0 and fall to it again."""
    length = min(round(_FADE_SECONDS * sample_rate), samples // 2)
    fade = np.ones(samples)
    fade[:length] = np.linspace(0.0, 1.0, length)
    fade[samples - length :] = np.linspace(1.0, 0.0, length)
    return fade


def _page(name: str, reference: str, conditions: Mapping[str, str]) -> list[str]:
    """Return the lines of a page."""
    lines = [
        "type: mushra",
        f"id: {_quoted(name)}",
        f"name: {_quoted('How close is each clip to the reference?')}",
        "content: Rate each clip by how closely it sounds like the reference.",
        "showWaveform: true",
        "enableLooping: true",
        "strict: false",
        "randomize: true",
        "showConditionNames: false",
        f"reference: {_quoted(_clip_path(reference))}",
        "createAnchor35: false",
        "createAnchor70: false",
        "stimuli:",
        *(f"  {condition}: {_quoted(_clip_path(file))}" for condition, file in conditions.items()),
    ]
    return ["      - " + lines[0], *("        " + line for line in lines[1:])]


def _configuration(pages: Sequence[Sequence[str]]) -> str:
    lines = [
        f"# Copy this file into webMUSHRA's configs/ and the clips into {_CLIP_URL}/,",
        f"# and open webMUSHRA with ?config={CONFIGURATION_FILE}.",
        f"# {KEY_FILE} lists the method of each clip: do not show it to the listeners.",
        "testname: fxchain beside networks",
        "testId: fxchain",
        "bufferSize: 2048",
        "stopOnErrors: true",
        "showButtonPreviousPage: true",
        "remoteService: service/write.php",
        "pages:",
        "  -",
        "      - random",
        *(line for page in pages for line in page),
        "  - type: finish",
        "    name: Thank you",
        "    content: That was the last page.",
        "    showResults: false",
        "    writeResults: true",
    ]
    return "\n".join(lines) + "\n"


def _clip_path(file: str) -> str:
    return f"{_CLIP_URL}/{file}"


def _quoted(text: str) -> str:
    """Return a YAML string; JSON strings are valid YAML."""
    return json.dumps(text, ensure_ascii=False)
