"""What a match gives plays the recordings as they are: with their channels and levels."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile

from fxchain.data.signals import plucked_strings
from fxchain.matching.match import match
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.render import render_file
from fxchain.stage import Chain, Effect
from fxchain.structure.full_scale import with_full_scale
from fxchain.structure.template import Template

RATE = 16_000
GAIN = '{"chain": [{"primitive": "gain"}]}'


def strings() -> np.ndarray:
    return plucked_strings(4.5, RATE, 0)


@pytest.fixture(name="gain")
def gain_chain(tmp_path):
    path = tmp_path / "gain.json"
    path.write_text(GAIN)
    return path


@pytest.mark.parametrize("level_db", [-65.0, 30.0, *np.random.default_rng(2).uniform(-80, 60, 3)])
def test_the_preset_plays_at_the_level_of_the_recordings(gain, level_db):
    factor = np.float32(10 ** (level_db / 20))
    found = match(strings(), factor * strings(), RATE, chain=gain, iterations=3)
    assert found.metrics["fitted"]["esr"] < 1e-4
    np.testing.assert_allclose(found.matched, factor * strings(), atol=0.02 * factor)


def drawn_copies() -> list[tuple[float, int]]:
    """Draw levels with a sign and delays, samples, of a right channel that is the left one."""
    rng = np.random.default_rng(3)
    drawn = [(rng.choice([-1, 1]) * rng.uniform(0.2, 1.5), rng.integers(0, 300)) for _ in range(3)]
    return [(round(float(level), 3), int(delay)) for level, delay in drawn]


@pytest.mark.parametrize(("right", "delay"), [(1.0, 0), (-0.7, 150), *drawn_copies()], ids=str)
def test_every_player_makes_what_was_scored(tmp_path, gain, right, delay):
    dry = strings()
    copy = np.pad(np.float32(right) * dry, ((0, 0), (delay, 0)))[:, : dry.shape[1]]
    wet = np.float32(0.5) * np.concatenate([dry, copy])
    found = match(dry, wet, RATE, chain=gain, iterations=3)
    found.write(tmp_path / "out")
    soundfile.write(tmp_path / "dry.wav", dry.T, RATE, subtype="FLOAT")
    render_file(Preset.load(tmp_path / "out/preset.json"), tmp_path / "dry.wav", tmp_path / "r.wav")
    script = [tmp_path / "out/board.py", tmp_path / "dry.wav", tmp_path / "b.wav"]
    subprocess.run([sys.executable, *map(str, script)], check=True)
    names = ("out/matched.wav", "r.wav", "b.wav")
    played = [soundfile.read(tmp_path / name, always_2d=True)[0].T for name in names]
    for each in played:
        np.testing.assert_allclose(each, wet, atol=0.01)
        np.testing.assert_allclose(each, played[0], atol=1e-6)
    assert found.metrics["routing"]["delays_samples"] == [0, delay]


@pytest.mark.parametrize("factor", [8.0, *np.random.default_rng(1).uniform(6.0, 80.0, 3).round(1)])
def test_a_cut_off_wet_is_matched_by_a_chain_that_cuts(gain, factor):
    wet = np.clip(np.float32(factor) * strings(), -1.0, 1.0)
    found = match(strings(), wet, RATE, chain=gain, iterations=6)
    assert found.metrics["fitted"]["esr"] < 1e-4
    assert np.abs(found.matched).max() == pytest.approx(1.0, abs=1e-5)
    assert not any("cannot be matched" in each for each in found.metrics["warnings"])


def test_the_clipping_at_the_end_is_not_searched():
    gain = Chain((Effect(get_primitive("gain")),))
    found = with_full_scale(Template("gain", gain, np.array([3.0]), np.array([True])))
    assert found.values.tolist() == [3.0, 0.0] and found.free.tolist() == [True, False]
    assert found.locked
