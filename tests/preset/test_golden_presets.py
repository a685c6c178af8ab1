"""Presets written by earlier versions: they are read, and sound as they did."""

from pathlib import Path

import numpy as np
import pytest

from fxchain.preset import Preset
from fxchain.preset.migrations import VERSION
from fxchain.primitives import REGISTRY

PRESETS = Path(__file__).parents[1] / "presets"
GOLDEN = sorted(PRESETS.glob("v*/*.json"))
CURRENT = [path for path in GOLDEN if path.parent.name == f"v{VERSION}"]
# Effects in presets that people have; a new one joins when its preset is frozen.
FINAL = [
    "clipping",
    "compressor",
    "convolution",
    "delay",
    "distortion",
    "gain",
    "high_shelf_filter",
    "highpass_filter",
    "invert",
    "low_shelf_filter",
    "lowpass_filter",
    "modulated_allpass",
    "modulated_delay",
    "peak_filter",
    "reverb",
    "ring_modulator",
    "stereo",
    "vibrato",
    "waveshaper",
]


def name_of(path):
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", GOLDEN, ids=name_of)
def test_golden_presets_sound_as_they_did(path):
    sound = np.load(path.with_suffix(".npz"))
    preset = Preset.load(path)
    wet = preset.board(preset.sample_rate)(sound["dry"], preset.sample_rate, reset=True)
    error, level = np.square(wet - sound["wet"]).sum(), np.square(sound["wet"]).sum()
    assert error <= 1e-10 * level  # -100 dB


@pytest.mark.parametrize("path", CURRENT, ids=name_of)
def test_golden_presets_are_written_as_they_were(path):
    assert Preset.load(path).to_json() == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(PRESETS.glob("v1/*.json")), ids=name_of)
def test_presets_of_version_1_become_those_of_version_2(path):
    assert Preset.load(path).to_json() == (PRESETS / "v2" / path.name).read_text(encoding="utf-8")


def test_golden_presets_hold_every_effect_whose_sound_is_final():
    text = "".join(path.read_text(encoding="utf-8") for path in CURRENT)
    missing = [kind for kind in FINAL if f'"primitive": "{kind}"' not in text]
    assert not missing, "add a golden preset with tests/presets/add.py"


def test_effects_whose_sound_is_final_stay():
    assert set(FINAL) <= REGISTRY.keys()
