"""The hidden devices of `benchmarks/macros.py`: drawn as it says, and what moves is told."""

import importlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fxchain.preset import Preset
from fxchain.preset.macros import Macro, Move
from fxchain.primitives import REGISTRY
from fxchain.render import render
from fxchain.stage import Chain, Effect

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def cases(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("macro_cases")


@pytest.mark.parametrize("number", [0, 3])
def test_devices_repeat_and_one_to_three_values_move(cases, number):
    device = cases.device(number)
    assert cases.device(number).preset.to_json() == device.preset.to_json()
    assert 1 <= len(device.preset.macros[0].moves) <= 3
    ends = [render(device.at(at), device.dry, cases.RATE) for at in (cases.LOW, cases.HIGH)]
    assert not np.array_equal(*ends)


def test_what_moves_is_told_in_canonical_form(cases):
    """A gain before a drive is the drive's own."""
    stage = Chain((Effect(REGISTRY["gain"], id="g"), Effect(REGISTRY["distortion"], id="d")))
    macro = Macro(cases.NAME, 0.0, 10.0, 5.0, (Move("g", "gain_db", (0.0, 10.0), (-6.0, 6.0)),))
    preset = Preset(stage, [0.0, 12.0], cases.RATE, macros=(macro,))
    assert cases.moved_kinds(preset) == ["gain.gain_db"]
    assert cases.moved_values(preset) == ["distortion.drive_db"]
    still = replace(macro, moves=(replace(macro.moves[0], values=(0.0, 0.0)),))
    assert cases.moved_values(replace(preset, macros=(still,))) == []
