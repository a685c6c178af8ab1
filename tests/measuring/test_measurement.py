"""What is measured is what the device is."""

import json

import numpy as np
import pytest
import scipy.signal
import soxr

from benchmarks.measured_devices import (
    GOAL_HARMONIC_DB,
    GOAL_LINEAR_DB,
    GOAL_SAMPLES,
    drawn_device,
    errors,
)
from fxchain.measuring.document import distortion_percent, document, to_json
from fxchain.measuring.measurement import BEFORE_DIRECT_SOUND, measure
from fxchain.measuring.sweep import LEVELS_DBFS, SweepSignal
from tests.measuring.recordings import LATE, RATE, audio, played, recorded

TAPS = 4_096


@pytest.mark.parametrize("number", [1, 22])
def test_drawn_chains_are_measured_exactly(number):
    """Clipping before a filter, distortion behind filters; with noise, hum and drift."""
    device = drawn_device(number)
    found = measure(audio(device.record(SweepSignal(RATE, 4).samples())))
    error = errors(device, found)
    assert abs(error["linear"]) <= GOAL_LINEAR_DB
    assert abs(error["harmonic"]) <= GOAL_HARMONIC_DB
    assert error["harmonics"] >= 20
    assert abs(error["latency"]) <= GOAL_SAMPLES
    assert abs(error["drift"]) <= 0.01
    assert error["hum_right"] and abs(error["hum_hz"]) <= 0.05 and abs(error["hum_db"]) <= 0.5


def test_the_linear_response_is_the_filter():
    sections = scipy.signal.butter(2, (200.0, 5_000.0), "bandpass", fs=RATE, output="sos")
    found = measure(audio(recorded(-0.5 * scipy.signal.sosfilt(sections, played()))))
    true = -0.5 * scipy.signal.sosfilt(sections, np.eye(1, TAPS)[0])
    response = np.pad(found.linear_response, (0, TAPS))[BEFORE_DIRECT_SOUND:][:TAPS]
    frequencies = np.fft.rfftfreq(TAPS, 1 / RATE)
    heard = (frequencies > 30.0) & (frequencies < 18_000.0)
    spectra = [np.fft.rfft(each)[heard] for each in (response, true)]
    assert np.abs(spectra[0] - spectra[1]).max() < 0.01 * np.abs(spectra[1]).max()
    assert found.polarity == -1
    assert found.latency_samples == pytest.approx(LATE, abs=GOAL_SAMPLES)
    assert all(np.isnan(curve).all() for curve in found.levels[0].harmonics_db.values())


def test_harmonics_of_a_polynomial_follow_the_level():
    """x + 0.2x² + 0.3x³: order 2 is 0.1 A², order 3 is 0.075 A³."""
    sweep = played()
    found = measure(audio(recorded(sweep + 0.2 * sweep**2 + 0.3 * sweep**3)))
    at = int(np.argmin(np.abs(found.frequencies_hz - 1_000.0)))
    for level, level_dbfs in zip(found.levels[2:], LEVELS_DBFS[2:], strict=True):
        amplitude = 10 ** (level_dbfs / 20)
        second, third = 0.1 * amplitude, 0.075 * amplitude**2
        assert level.harmonics_db[2][at] == pytest.approx(20 * np.log10(second), abs=0.5)
        assert level.harmonics_db[3][at] == pytest.approx(20 * np.log10(third), abs=0.5)
        gain = 1.0 + 0.225 * amplitude**2
        assert level.gain_db[at] == pytest.approx(20 * np.log10(gain), abs=0.02)
        percent = 100 * np.hypot(second, third) / gain
        assert distortion_percent(level, found.frequencies_hz) == pytest.approx(percent, rel=0.06)
        assert np.isnan(level.harmonics_db[5][at])


def test_a_clock_that_drifts_and_hum_are_found_when_added():
    plain = measure(audio(recorded(played())))
    assert plain.drift_ppm == pytest.approx(0.0, abs=0.01) and plain.background.hum is None
    drifted = soxr.resample(recorded(played()), 1.0, 1.0 - 300e-6, quality="VHQ")
    times = np.arange(len(drifted)) / RATE
    drifted += 0.002 * np.sin(2 * np.pi * 119.9 * times)
    found = measure(audio(drifted))
    assert found.drift_ppm == pytest.approx(-300.0, abs=0.05)
    assert found.background.hum.frequency_hz == pytest.approx(59.95, abs=0.05)
    assert found.background.hum.levels_dbfs == {2: pytest.approx(-57.0, abs=0.3)}
    assert found.latency_samples == pytest.approx(LATE, abs=GOAL_SAMPLES)
    np.testing.assert_allclose(found.levels[0].gain_db[8:], 0.0, atol=0.1)


def test_hum_is_no_part_of_the_response():
    times = np.arange(len(recorded(played()))) / RATE
    found = measure(audio(recorded(played()) + 0.01 * np.sin(2 * np.pi * 50.03 * times)))
    near = np.abs(found.frequencies_hz - 50.0) < 10.0
    np.testing.assert_allclose(found.levels[0].gain_db[near], 0.0, atol=0.1)


def test_the_noise_floor_and_a_constant():
    found = measure(audio(recorded(played(), noise=1e-3) + 0.01)).background
    assert found.noise_dbfs == pytest.approx(-60.0, abs=0.1)
    assert found.constant == pytest.approx(0.01, abs=1e-4)
    total = 10 * np.log10(sum(10 ** (level / 10) for _, level in found.bands))
    assert -62.0 < total < -60.0


def test_the_louder_of_two_channels_is_measured():
    both = np.stack([0.01 * recorded(played(), seed=1), recorded(played())])
    found = measure(audio(both))
    assert found.levels[0].gain_db[100] == pytest.approx(0.0, abs=0.05)
    assert found.notes == ("of two channels the louder one, 1, is measured; see --channel",)
    quiet = measure(audio(both), channel=0)
    assert quiet.levels[0].gain_db[100] == pytest.approx(-40.0, abs=0.3) and not quiet.notes


def test_the_document_is_json_and_repeats():
    recording = audio(recorded(np.tanh(3.0 * played())))
    one, other = measure(recording), measure(recording)
    text = to_json(one)
    assert text == to_json(other)
    read = json.loads(text)
    assert read == document(other)
    assert len(read["levels"]) == 4
    assert {len(level["gain_db"]) for level in read["levels"]} == {len(read["frequencies_hz"])}
    assert any(each is None for each in read["levels"][0]["harmonics_db"]["5"])
