"""Channels that went through different devices: a chain for each, played by every player."""

import json
import subprocess
import sys

import numpy as np
import pedalboard as pb
import pytest
import soundfile

from fxchain.data.signals import plucked_strings
from fxchain.errors import MatchError
from fxchain.matching.channel_searches import channel_templates
from fxchain.matching.match import match
from fxchain.preset import Preset, parse_chain
from fxchain.render import render_file
from fxchain.structure.template import Template

RATE, STEPS = 16_000, 24
EFFECTS = ("highpass_filter", "distortion", "gain")


def amp(dry: np.ndarray, drive_db: float, cutoff_hz: float) -> np.ndarray:
    board = pb.Pedalboard([pb.HighpassFilter(cutoff_hz), pb.Distortion(drive_db), pb.Gain(-6.0)])
    return np.asarray(board(dry, RATE), np.float32)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_di_and_an_amp_are_matched_as_two(tmp_path, seed):
    random = np.random.default_rng(seed)
    dry, late = plucked_strings(4.5, RATE, seed), int(random.integers(1, 60))
    amped = amp(dry, random.uniform(6.0, 14.0), random.uniform(200.0, 800.0))
    amped = np.pad(amped, ((0, 0), (late, 0)))[:, : dry.shape[1]]
    sides = [dry, amped] if seed != 1 else [amped, dry]
    wet = np.concatenate(sides)
    chain = tmp_path / "chain.json"
    chain.write_text(json.dumps({"chain": [{"primitive": kind} for kind in EFFECTS]}))
    found = match(dry, wet, RATE, chain=chain, iterations=STEPS, measured_response=False)
    assert any("different devices" in each for each in found.metrics["warnings"])
    assert found.metrics["fitted"]["esr"] < 1e-3
    assert found.matched.shape == wet.shape
    found.write(tmp_path / "out")
    soundfile.write(tmp_path / "dry.wav", dry.T, RATE, subtype="FLOAT")
    render_file(Preset.load(tmp_path / "out/preset.json"), tmp_path / "dry.wav", tmp_path / "r.wav")
    script = [tmp_path / "out/board.py", tmp_path / "dry.wav", tmp_path / "b.wav"]
    subprocess.run([sys.executable, *map(str, script)], check=True)
    for name in ("r.wav", "b.wav"):
        played = soundfile.read(tmp_path / name, always_2d=True)[0].T
        np.testing.assert_allclose(played, found.matched, atol=1e-6)


def test_a_template_with_two_chains_gives_each_channel_its_own():
    gains = [{"primitive": "gain", "parameters": {"gain_db": db}} for db in (1.0, 2.0, 3.0)]

    def template(count):
        stage, values, free = parse_chain({"channels": gains[:count]}, "a.json")
        return Template("two", stage, values, free)

    first, second = channel_templates(template(2))
    assert (first.values.tolist(), second.values.tolist()) == ([1.0], [2.0])
    with pytest.raises(MatchError, match="no chain for each of the two channels"):
        channel_templates(template(3))
