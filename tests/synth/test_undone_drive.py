"""A drive at the end of a recording is undone."""

from dataclasses import replace

import numpy as np
import pytest

from fxchain.files.audio_input import from_array
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.stage import Chain, Effect
from fxchain.synth.undone_drive import undone

RATE = 22_050
DRIVE = get_primitive("distortion")


def before():
    seconds = np.arange(RATE // 10) / RATE
    return (0.4 * np.sin(2.0 * np.pi * 220.0 * seconds))[None].astype(np.float32)


def driven(drive_db):
    board = Preset(Chain((Effect(DRIVE),)), np.array([drive_db]), RATE).board(RATE)
    return from_array(np.asarray(board(before(), RATE)), RATE, "take.wav")


def test_at_its_defaults_a_drive_is_undone():
    default = DRIVE.spec("drive_db").default
    found = undone(driven(default), DRIVE)
    assert found is not None
    assert found.samples == pytest.approx(before(), abs=1e-5)


def test_another_gain_is_another_level():
    default = DRIVE.spec("drive_db").default
    found = undone(driven(default + 12.0), DRIVE)
    assert found is not None
    assert found.samples == pytest.approx(before() * 10.0**0.6, abs=1e-4)


def test_what_no_drive_can_play_is_not_undone():
    loud = driven(20.0)
    assert undone(replace(loud, samples=1.1 * loud.samples), DRIVE) is None
    assert undone(loud, get_primitive("delay")) is None
