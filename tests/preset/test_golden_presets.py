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


def test_golden_presets_hold_most_effects():
    text = "".join(path.read_text(encoding="utf-8") for path in CURRENT)
    held = [kind for kind in REGISTRY if f'"primitive": "{kind}"' in text]
    # a new effect is one file: its preset is frozen when its sound is final
    assert len(held) >= 16, "add golden presets with tests/presets/add.py"
