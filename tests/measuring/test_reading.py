"""A measurement comes back from its folder, and says how much of a device is not linear."""

import json

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.errors import MatchError
from fxchain.files.audio_output import write_audio
from fxchain.measuring.document import document
from fxchain.measuring.files import JSON_FILE, RESPONSE_FILE, write_measurement
from fxchain.measuring.measurement import measure
from fxchain.measuring.nonlinearity import harmonic_error, level_error
from fxchain.measuring.reading import read_measurement
from fxchain.measuring.sweep import LEVELS_DBFS
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.primitives.evidence import SMALL_ERROR
from fxchain.render import render
from fxchain.stage import Effect
from tests.measuring.recordings import LATE, RATE, audio, played, recorded


def measured(device, noise=3e-5):
    return measure(audio(recorded(device(played()), noise)))


@pytest.fixture(scope="module")
def driven():
    """Return the measurement of a drive."""
    return measured(lambda samples: np.tanh(2.0 * samples))


@pytest.fixture
def folder(driven, tmp_path):
    """Return the folder of that measurement."""
    write_measurement(driven, tmp_path / "measured", "0")
    return tmp_path / "measured"


def test_a_measurement_comes_back(driven, folder):
    found = read_measurement(folder)
    there, back = document(driven), document(found)
    for name in ("recording", "sample_rate", "polarity", "drift_ppm", "background", "notes"):
        assert back[name] == there[name]
    assert back["frequencies_hz"] == there["frequencies_hz"]
    for mine, other in zip(back["levels"], there["levels"], strict=True):
        for name in ("input_dbfs", "gain_db", "harmonics_db", "noise_db"):
            assert mine[name] == other[name]
    assert found.latency_samples == pytest.approx(LATE, abs=0.05)
    np.testing.assert_allclose(found.linear_response, driven.linear_response, atol=1e-7)


def test_a_drive_is_known_by_its_harmonics(driven):
    turns = 2.0 * np.pi * np.arange(1_000) / 1_000
    powers = np.zeros(6)
    for level_dbfs in LEVELS_DBFS:
        wave = np.tanh(2.0 * 10.0 ** (level_dbfs / 20.0) * np.sin(turns))
        powers += np.square(np.abs(np.fft.rfft(wave)[:6]))
    # of the highest fundamentals the harmonics lie above what is heard
    assert harmonic_error(driven) == pytest.approx(powers[2:].sum() / powers[1], rel=0.2)
    assert level_error(driven) > 100 * SMALL_ERROR


def test_a_linear_device_excludes_both():
    found = measured(lambda samples: 0.5 * samples + 0.4 * np.roll(samples, 5), noise=1e-5)
    assert harmonic_error(found) < SMALL_ERROR / 10
    assert level_error(found) < SMALL_ERROR / 10


def test_noise_hides_harmonics():
    found = measured(lambda samples: 0.5 * samples, noise=3e-3)
    assert harmonic_error(found) > SMALL_ERROR


def test_a_compressor_changes_its_gain_and_has_few_harmonics():
    kind = Effect(REGISTRY["compressor"])
    preset = Preset(kind, np.array([-20.0, 4.0, 20.0, 300.0]), RATE)
    found = measured(lambda samples: render(preset, samples[None].astype(np.float32), RATE)[0])
    assert level_error(found) > 1e-2
    assert harmonic_error(found) < 1e-2 * level_error(found)


def changed(folder, **changes):
    node = json.loads((folder / JSON_FILE).read_text())
    (folder / JSON_FILE).write_text(json.dumps({**node, **changes}))


def without_response(folder):
    (folder / RESPONSE_FILE).unlink()


def other_response(folder):
    write_audio(folder / RESPONSE_FILE, plucked_strings(1.0, 48_000, 0), 48_000, force=True)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / JSON_FILE).unlink(), "no measurement; give the folder"),
        (lambda folder: (folder / JSON_FILE).write_text("[1]"), "no measurement; give the folder"),
        (lambda folder: (folder / JSON_FILE).write_text("{"), "no measurement; give the folder"),
        (lambda folder: changed(folder, format="other"), "no measurement; give the folder"),
        (lambda folder: changed(folder, version=99), "written by another version"),
        (lambda folder: changed(folder, levels=[]), "levels: .*a curve or a level is missing"),
        (lambda folder: changed(folder, frequencies_hz=[20.0, 40.0]), "a curve or a level"),
        (lambda folder: changed(folder, latency_samples="late"), "latency_samples: .*number"),
        (lambda folder: changed(folder, sweep_seconds=1_000), "give 2 to 60"),
        (without_response, "linear-response.wav: there is no such file"),
        (other_response, "not the response of this measurement"),
    ],
)
def test_a_folder_that_is_no_measurement_is_one_line(folder, damage, reason):
    damage(folder)
    with pytest.raises(MatchError, match=reason) as refused:
        read_measurement(folder)
    assert str(folder) in str(refused.value) or "--seconds" in str(refused.value)
    assert "\n" not in str(refused.value)
